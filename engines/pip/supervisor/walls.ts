import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildUser, buildUser, giveTo } from '../../parts/build/walls/build-user.ts'
import { placesOf } from '../../parts/build/walls/places.ts'
import { exported } from '../../parts/container/enter.mjs'
import type { Place } from './command.ts'

const SCRIPT = join(import.meta.dirname, 'child', 'walls.sh')
/** A shell beside what cannot notice by itself that we are gone: when our end of a pipe closes, it ends all of it. */
export const WITH_US = `(read -r _ <&3; kill -s KILL -- -$$) > /dev/null 2>&1 & exec 3<&-; exec "$@"`
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * How a command is run whose program has no walls of its own, so that it sees no process and no file of ours or of its
 * neighbours: namespaces of the kernel's, and as root a user of its workspace's own. Throws where this host does not let us.
 * @param owner its workspace: all of one workspace's run as the same user, and share stores
 * @param environment set only once all rights are dropped: a variable can make a program load anything
 */
export async function behindWalls(
  place: Place,
  owner: string,
  environment: Record<string, string>,
  command: string[],
): Promise<{ args: string[]; environment: Record<string, string> }> {
  if (process.platform !== 'linux') throw new Error('only Linux has them')
  const stores = place.stores.map(({ path }) => path)
  const { folder, release, home, temporary } = place
  const [root, places, enter] = [join(folder, 'root'), join(folder, 'places'), join(folder, 'enter.sh')]
  await mkdir(root, { recursive: true })
  await writeFile(enter, `${exported(environment)}exec "$@"\n`, { mode: 0o400 })
  const user = await buildUser(`host/${owner}`)
  if (user !== undefined) await giveTo(user, home, temporary, enter, ...stores)
  // What is ours lies two above the supervisor's own folder; it counts only where that is among the system's.
  const seen = await placesOf([release, enter], dirname(dirname(place.ours)))
  const own = [home, temporary, ...stores].map((path) => `write ${path}`)
  await writeFile(places, `${[...seen, ...own].join('\n')}\n`)
  const before = [...unshare(user), '/bin/sh', SCRIPT, root, places, release, temporary, ...dropRights(user)]
  // The first time is the proof that it works here.
  await promisify(execFile)('unshare', [...before, 'true'], { env: { PATH }, cwd: '/', timeout: 10_000 })
  return { args: ['unshare', ...before, '/bin/sh', enter, ...command], environment: { PATH } }
}

function unshare(user: BuildUser | undefined): string[] {
  const rights = user === undefined ? ['--user', '--map-current-user', '--keep-caps'] : []
  return [...rights, '--mount', '--pid', '--ipc', '--fork', '--kill-child', '--propagation=private', '--']
}

function dropRights(user: BuildUser | undefined): string[] {
  const who = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  return ['setpriv', ...who, '--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all']
}
