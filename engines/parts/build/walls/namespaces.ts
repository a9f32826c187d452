import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import type { BuildUser } from './build-user.ts'
import { type Entry, type HardLimits, limited, type Rooms, type Walls } from './walls.ts'

const SCRIPT = join(import.meta.dirname, 'enter.sh')
/** What the way in is found with: nothing of the build's own environment counts before all rights are dropped. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface NamespacesOptions {
  rooms: Rooms
  /** As root: who the build runs as. Otherwise it stays who we are, inside a namespace of users of its own. */
  user: BuildUser | undefined
  limits: HardLimits
  /** Lines of `places.ts`. */
  places: string[]
}

/** Walls of the kernel's: namespaces for mounts, processes and IPC. Throws where this machine does not let us. */
export async function namespaces(options: NamespacesOptions): Promise<Walls> {
  const { rooms, user, places } = options
  const enter = join(rooms.work, 'enter')
  await Promise.all([mkdir(join(rooms.work, 'root'), { recursive: true }), mkdir(enter, { recursive: true })])
  const { uid, gid } = user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  await writeFile(join(enter, 'places'), `${places.join('\n')}\n`)
  await writeFile(join(enter, 'passwd'), `root:x:0:0::/:/bin/false\nbuild:x:${uid}:${gid}::/build/home:/bin/sh\n`)
  await writeFile(join(enter, 'group'), `root:x:0:\nbuild:x:${gid}:\n`)
  const before = [...unshare(user), '/bin/sh', SCRIPT, rooms.work, rooms.cache ?? '']
  const after = [...limited(options.limits, true), 'nice', '-n', '10', ...dropRights(user)]
  // The first time is the proof that it works here.
  await promisify(execFile)('unshare', [...before, ...after, 'true'], {
    env: { PATH },
    cwd: '/',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  return {
    kind: 'namespaces',
    inside: (path) => insideOf(rooms, path),
    async enter(entry) {
      const script = join(enter, 'command.sh')
      await writeFile(script, commandOf(entry, insideOf(rooms, entry.folder)))
      const command = [...after, '/bin/sh', '/build/enter/command.sh', entry.file, ...entry.args]
      return { file: 'unshare', args: [...before, ...command], cwd: '/', env: { PATH } }
    },
  }
}

function unshare(user: BuildUser | undefined): string[] {
  const rights = user === undefined ? ['--user', '--map-current-user', '--keep-caps'] : []
  return [...rights, '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--propagation=private', '--']
}

function dropRights(user: BuildUser | undefined): string[] {
  const who = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  return ['setpriv', ...who, '--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all']
}

/** Sets the build's environment only once its rights are gone: a variable can make a program load anything. */
function commandOf({ environment }: Entry, folder: string): string {
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`)
  return `cd ${quoted(folder)} || exit 126\n${lines.join('\n')}\nexec "$@"\n`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function insideOf({ work, temporary, cache }: Rooms, path: string): string {
  if (cache !== undefined && (path === cache || path.startsWith(`${cache}/`)))
    return join('/build/cache', relative(cache, path))
  if (path === temporary) return '/tmp'
  return join('/build', relative(work, path))
}
