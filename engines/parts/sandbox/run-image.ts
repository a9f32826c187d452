import { lstat, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Json } from '../../../stacks/contract/sandbox.ts'
import { type ImageConfig, unpackImage } from '../image/unpack.ts'
import { type Handle, serveProcess } from './serve-process.ts'

const UNPACK_MS = 25_000
const READY_MS = 25_000
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Runs an image for a simulated cloud. `folder` holds its OCI layout; `options.health` is a path that answers once it is
 * up. A command that the image has itself runs with the image as its root, in namespaces of its own where we are not
 * root; `node` of an image without one is this machine's, in the image's folder.
 */
export default async function runImage(folder: string, options: Json): Promise<Handle> {
  // In the process' own folder: it goes with the process.
  const rootfs = join(process.env.HOME ?? folder, 'rootfs')
  const { config } = await unpackImage(folder, rootfs, { signal: AbortSignal.timeout(UNPACK_MS) })
  const [program, ...args] = [...config.entrypoint, ...config.cmd]
  if (program === undefined) throw new Error('the image names no command, and the component none either')
  const own = Object.fromEntries(config.env.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]))
  const inside = await findProgram(rootfs, program, { ...config, path: own.PATH ?? PATH })
  if (inside === undefined && program !== 'node')
    throw new Error(`"${program}" is not in the image, and of this machine's programs only node takes a place in it`)
  return serveProcess({
    ...(inside === undefined
      ? await onThisMachine(rootfs, config, args)
      : { file: 'unshare', args: await withRoot(rootfs, config, [inside, ...args]), cwd: rootfs }),
    environment: {
      ...own,
      ...process.env,
      ...(inside === undefined ? {} : { PATH: own.PATH ?? PATH, HOME: '/tmp', TMPDIR: '/tmp' }),
    },
    ...(typeof options.health === 'string' ? { health: options.health } : {}),
    withinMs: READY_MS,
    broken: (port) =>
      `The user-provided container failed to start and listen on the port provided by the PORT=${port} environment variable`,
  })
}

/** Where in the image a program is, as its own shell would find it. A link counts: it is followed inside only. */
async function findProgram(
  rootfs: string,
  program: string,
  { path, workingDir }: { path: string; workingDir: string },
): Promise<string | undefined> {
  const places = program.includes('/')
    ? [posix.resolve(workingDir, program)]
    : path.split(':').map((folder) => posix.join(folder, program))
  for (const place of places) {
    const found = await lstat(join(rootfs, place)).catch(() => undefined)
    if (found !== undefined && !found.isDirectory()) return place
  }
  return undefined
}

/** Of an image without a Node of its own: what it names by absolute paths lies below its folder here. */
async function onThisMachine(
  rootfs: string,
  { workingDir }: ImageConfig,
  args: string[],
): Promise<{ file: string; args: string[]; cwd: string }> {
  const moved = args.map(async (arg) => {
    const there = arg.startsWith('/') && (await lstat(join(rootfs, arg)).catch(() => undefined)) !== undefined
    return there ? join(rootfs, arg) : arg
  })
  return { file: process.execPath, args: await Promise.all(moved), cwd: join(rootfs, workingDir) }
}

async function withRoot(rootfs: string, config: ImageConfig, command: string[]): Promise<string[]> {
  const root = process.getuid?.() === 0
  const { uid, gid } = root ? await userOf(rootfs, config.user) : { uid: '', gid: '' }
  return [
    ...(root ? [] : ['--user', '--map-root-user']),
    ...['--mount', '--propagation=private', '--', '/bin/sh', join(import.meta.dirname, 'enter-image.sh')],
    ...[rootfs, config.workingDir, uid, gid, ...command],
  ]
}

/** Numbers of who an image is run as; a name is looked up in the image. */
async function userOf(rootfs: string, user: string): Promise<{ uid: string; gid: string }> {
  const [name = '', group] = user.split(':')
  if (name === '' || /^\d+$/.test(name)) {
    const uid = name === '' ? '0' : name
    return { uid, gid: group !== undefined && /^\d+$/.test(group) ? group : uid }
  }
  const passwd = join(rootfs, 'etc/passwd')
  const lines = (await lstat(passwd)).isFile() ? (await readFile(passwd, 'utf8')).split('\n') : []
  const [, , uid, gid] = lines.map((line) => line.split(':')).find(([first]) => first === name) ?? []
  if (uid === undefined || gid === undefined) throw new Error(`the image runs as "${name}", whom it does not know`)
  return { uid, gid }
}
