import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../../catalog/errors.ts'
import { type ClusterPlace, initdb } from '../../../parts/postgres/initdb.ts'
import { type InstalledServer, installedServers } from '../../../parts/postgres/installed.ts'
import { systemOwner } from '../../../parts/postgres/owner.ts'
import { DATABASE, KEEPER, ROLE } from './spec.ts'

/** Where programs of ours go that another user has to run. */
const CACHE = '/var/cache/pipi-engines'
export const INSTALL =
  "Install PostgreSQL 14 or newer there, as Debian's postgresql: /usr/lib/postgresql, /usr/pgsql-*, /usr/bin and /usr/local/bin are looked at."

/** Whoever comes from this machine, with a password; nobody else, and the users into their own database alone. */
const WHO_MAY_ENTER = `# Written by Pipi Engines.
host all ${KEEPER} 127.0.0.1/32 scram-sha-256
host ${DATABASE} ${ROLE} 127.0.0.1/32 scram-sha-256
`

/** The PostgreSQL that new databases of this host get; undefined: there is none. */
export async function newestServer(): Promise<InstalledServer | undefined> {
  return (await installedServers(CACHE))[0]
}

/** Makes the cluster of a new database in `<folder>/cluster`. Throws `provider.failed` where this host has no PostgreSQL. */
export async function makeCluster(folder: string, keeper: string, environment: Record<string, string>): Promise<void> {
  const server = await newestServer()
  if (server === undefined) throw missing('This host has no PostgreSQL, and the component is a database')
  const place = await placeOf(folder, server, environment)
  await mkdir(place.folder, { mode: 0o700 })
  await initdb(place, {
    ...{ user: KEEPER, password: keeper, passwordFile: join(folder, 'password'), major: server.major, durable: true },
    // Small pieces of the log that is written ahead of the tables.
    more: ['--wal-segsize=4'],
  })
  const rules = join(place.folder, 'pg_hba.conf')
  await writeFile(rules, WHO_MAY_ENTER, { mode: 0o600 })
  if (place.owner) await chown(rules, place.owner.uid, place.owner.gid)
}

/** A cluster that there is, with the programs of its own version. Throws `toolchain.missing` where those are gone. */
export async function openCluster(
  folder: string,
  environment: Record<string, string>,
): Promise<ClusterPlace & { major: number }> {
  const major = Number((await readFile(join(folder, 'cluster', 'PG_VERSION'), 'utf8')).trim())
  const servers = await installedServers(CACHE)
  const server = servers.find((one) => one.major === major)
  if (server !== undefined) return { ...(await placeOf(folder, server, environment)), major }
  const there = servers.map((one) => one.major).join(', ') || 'none'
  throw missing(`Its data is of PostgreSQL ${major}, and this host has ${there}`)
}

export function clusterFolder(folder: string): string {
  return join(folder, 'cluster')
}

async function placeOf(folder: string, server: InstalledServer, environment: Record<string, string>) {
  const owner = await systemOwner(() => {})
  return { folder: clusterFolder(folder), owner, binaries: await server.binaries(), environment }
}

function missing(message: string): PipiError {
  return new PipiError('toolchain.missing', message, { hint: INSTALL })
}
