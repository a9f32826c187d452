import { lstat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Json } from '../../../stacks/contract/sandbox.ts'
import { type ContainerStart, containerStart } from '../container/start-of.ts'
import { unpackImage } from '../image/unpack.ts'
import { type Handle, serveProcess } from './serve-process.ts'

const UNPACK_MS = 25_000
const READY_MS = 25_000

/**
 * Runs an image for a simulated cloud. `folder` holds its OCI layout; `options.health` is a path that answers once it is
 * up. A command that the image has itself runs with the image as its root, in a namespace of its own; `node` of an image
 * without one is this machine's, in the image's folder.
 */
export default async function runImage(folder: string, options: Json): Promise<Handle> {
  // In the process' own folder: it goes with the process.
  const rootfs = join(process.env.HOME ?? folder, 'rootfs')
  const { config } = await unpackImage(folder, rootfs, { signal: AbortSignal.timeout(UNPACK_MS) })
  const start = await containerStart(config, rootfs)
  const { PATH = '', HOME, ...own } = start.environment
  const inside = await findProgram(rootfs, start, PATH)
  if (inside === undefined && start.command[0] !== 'node')
    throw new Error(
      `"${start.command[0]}" is not in the image, and of this machine's programs only node takes a place in it`,
    )
  return serveProcess({
    ...(inside === undefined ? await onThisMachine(rootfs, start) : withRoot(rootfs, start, inside)),
    environment: {
      ...own,
      ...process.env,
      ...(inside === undefined ? {} : { PATH, HOME, TMPDIR: '/tmp' }),
    },
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
}

/** Where in the image its program is, as its own shell would find it. A link counts: it is followed inside only. */
async function findProgram(
  rootfs: string,
  { command: [program = ''], at }: ContainerStart,
  path: string,
): Promise<string | undefined> {
  const places = program.includes('/')
    ? [posix.resolve(at, program)]
    : path.split(':').map((folder) => posix.join(folder, program))
  for (const place of places) {
    const found = await lstat(join(rootfs, place)).catch(() => undefined)
    if (found !== undefined && !found.isDirectory()) return place
  }
  return undefined
}

/** Of an image without a Node of its own: what it names by absolute paths lies below its folder here. */
async function onThisMachine(rootfs: string, { command, at }: ContainerStart): Promise<Command> {
  const moved = command.slice(1).map(async (arg) => {
    const there = arg.startsWith('/') && (await lstat(join(rootfs, arg)).catch(() => undefined)) !== undefined
    return there ? join(rootfs, arg) : arg
  })
  return { file: process.execPath, args: await Promise.all(moved), cwd: join(rootfs, at) }
}

function withRoot(rootfs: string, { command, at, uid, gid }: ContainerStart, program: string): Command {
  const root = process.getuid?.() === 0
  return {
    file: 'unshare',
    args: [
      ...(root ? [] : ['--user', '--map-root-user']),
      ...['--mount', '--propagation=private', '--', '/bin/sh', join(import.meta.dirname, 'enter-image.sh')],
      ...[rootfs, at, root ? String(uid) : '', root ? String(gid) : '', program, ...command.slice(1)],
    ],
    cwd: rootfs,
  }
}
