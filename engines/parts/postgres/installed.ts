import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemOwner } from './owner.ts'
import { type Binaries, locateBinaries, packaged, programs } from './packaged.ts'

/** The oldest whose settings we know. */
const OLDEST = 14
/** Where systems put them, newest version last: Debian's, that of the RPMs, and what was built by hand. */
const ROOMS = ['/usr/lib/postgresql', '/usr', '/usr/local']

export interface InstalledServer {
  /** As `18`: a cluster runs with the programs of its own major version only. */
  major: number
  /** Its programs, where the user who runs them reaches them. */
  binaries(): Promise<Binaries>
}

/**
 * The PostgreSQLs of this machine, newest first: those of its system, and the one that came with this program from npm. On
 * a machine that was only sent our program there is none of the latter.
 */
export async function installedServers(cache: string): Promise<InstalledServer[]> {
  const rooms = (await Promise.all(ROOMS.map(foldersIn))).flat()
  const ours = await packaged().catch(() => undefined)
  const found = await Promise.all([
    ...rooms.map(async (folder) => ({ major: await majorOf(folder), binaries: async () => programs(folder) })),
    ...(ours === undefined
      ? []
      : [
          majorOf(ours.native).then((major) => ({
            major,
            binaries: async () => locateBinaries({ cache, owner: await systemOwner(() => {}), log: () => {} }),
          })),
        ]),
  ])
  return found.filter(({ major }) => major >= OLDEST).sort((one, other) => other.major - one.major)
}

async function foldersIn(room: string): Promise<string[]> {
  if (room === '/usr/local') return [room]
  const names = await readdir(room).catch(() => [])
  const versions = names.filter((name) => (room === '/usr' ? /^pgsql-\d+$/ : /^\d+$/).test(name))
  return [...versions.map((name) => join(room, name)), ...(room === '/usr' ? [room] : [])]
}

/** 0: there is none, or it does not run here. */
async function majorOf(folder: string): Promise<number> {
  const said = await promisify(execFile)(join(folder, 'bin', 'postgres'), ['--version'], { timeout: 10_000 }).catch(
    () => undefined,
  )
  return Number(/PostgreSQL\) (\d+)/.exec(said?.stdout ?? '')?.[1] ?? 0)
}
