import { lstat, mkdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Json } from '../../../stacks/contract/sandbox.ts'
import { clearFolder } from '../build/clear-folder.ts'
import { buildUser, giveTo } from '../build/walls/build-user.ts'
import { enterImage } from '../container/enter.mjs'
import { mountPoints, prepareRoot } from '../container/mount-point.ts'
import { type ContainerStart, containerStart } from '../container/start-of.ts'
import { unpackImage } from '../image/unpack.ts'
import { type Handle, serveProcess } from './serve-process.ts'

const UNPACK_MS = 25_000
const READY_MS = 25_000
/** Where the tools are that lead in. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Runs an image for a simulated cloud. `folder` holds its OCI layout; `options.health` is a path that answers once it is
 * up. A command that the image has itself runs with the image as its root, behind walls of the kernel's; `node` of an image
 * without one is this machine's, in the image's folder.
 * @param seen folders of this machine that the program has to see, each at its own path
 */
export default async function runImage(folder: string, options: Json, seen: readonly string[] = []): Promise<Handle> {
  // In the process' own folder: it goes with the process.
  const home = process.env.HOME ?? folder
  const rootfs = join(home, 'rootfs')
  const { config } = await unpackImage(folder, rootfs, { signal: AbortSignal.timeout(UNPACK_MS) })
  const start = await containerStart(config, rootfs)
  const { PATH: path = '', HOME: own = '', ...image } = start.environment
  const set = { ...image, ...(process.env as Record<string, string>) }
  const inside = await isInside(rootfs, start, path)
  if (!inside && start.command[0] !== 'node')
    throw new Error(
      `"${start.command[0]}" is not in the image, and of this machine's programs only node takes a place in it`,
    )
  return serveProcess({
    ...(inside
      ? await withRoot(home, rootfs, start, { ...set, PATH: path, HOME: own, TMPDIR: '/tmp' }, seen)
      : { ...(await onThisMachine(rootfs, start)), environment: set }),
    ...(typeof options.health === 'string' ? { health: options.health } : {}),
    withinMs: READY_MS,
    broken: (port) =>
      `The user-provided container failed to start and listen on the port provided by the PORT=${port} environment variable`,
  })
}

interface Command {
  file: string
  args: string[]
  cwd: string
  environment: Record<string, string>
}

/** Whether the image has its program, where its own shell would find it. A link counts: it is followed inside only. */
async function isInside(
  rootfs: string,
  { command: [program = ''], at }: ContainerStart,
  path: string,
): Promise<boolean> {
  const places = program.includes('/')
    ? [posix.resolve(at, program)]
    : path.split(':').map((folder) => posix.join(folder, program))
  for (const place of places) {
    const found = await lstat(join(rootfs, place)).catch(() => undefined)
    if (found !== undefined && !found.isDirectory()) return true
  }
  return false
}

/** Of an image without a Node of its own: what it names by absolute paths lies below its folder here. */
async function onThisMachine(rootfs: string, { command, at }: ContainerStart): Promise<Omit<Command, 'environment'>> {
  const moved = command.slice(1).map(async (arg) => {
    const there = arg.startsWith('/') && (await lstat(join(rootfs, arg)).catch(() => undefined)) !== undefined
    return there ? join(rootfs, arg) : arg
  })
  return { file: process.execPath, args: await Promise.all(moved), cwd: join(rootfs, at) }
}

/** The image as its root, and whoever we are, or as root somebody of its own, as the image's own user. */
async function withRoot(
  home: string,
  image: string,
  start: ContainerStart,
  environment: Record<string, string>,
  seen: readonly string[],
): Promise<Command> {
  const folder = join(home, 'run')
  const temporary = join(folder, 'tmp')
  // Of a run before, which nothing is left of.
  await clearFolder(folder)
  await mkdir(temporary, { recursive: true })
  await prepareRoot(image, start.at)
  await mountPoints(image, temporary, seen)
  const user = await buildUser(`sandbox/${home}`)
  // The port is told by who starts it, whatever the image says.
  const { PORT: _port, ...known } = environment
  const [file = '', ...way] = enterImage({ folder, image, who: start, owner: user?.uid, environment: known, seen })
  if (user !== undefined) await giveTo(user, image, join(folder, 'upper'), temporary)
  return { file, args: [...way, ...start.command], cwd: folder, environment: { PATH } }
}
