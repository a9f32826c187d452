import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folderSize } from '../../../parts/build/folder-size.ts'
import { listProcesses } from '../../../parts/process/list.ts'
import { DATABASE, ROLE } from './spec.ts'

const MIB = 1024 ** 2
/** Databases with smaller numbers are PostgreSQL's own. */
const FIRST_OF_USERS = 16_384
/** The one that new ones are copies of. */
const TEMPLATE = '1'

/** MiB of data in a cluster, and of what sessions sort on disk; what every empty database has does not count. */
export async function dataMib(cluster: string): Promise<number> {
  const base = join(cluster, 'base')
  const names = (await readdir(base).catch(() => [])).filter((name) => !(Number(name) < FIRST_OF_USERS))
  const sizes = await Promise.all(names.map(async (name) => (await folderSize(join(base, name))).bytes))
  const empty = names.length === 0 ? 0 : (await folderSize(join(base, TEMPLATE))).bytes
  const bytes = sizes.reduce((sum, one) => sum + one, 0)
  return Math.max(0, Math.ceil((bytes - empty) / MIB))
}

export interface Held {
  /** MiB of the server and its sessions; what they share counts once. */
  memory: number
  /** The session of a user that holds the most, where there is one. */
  largest: number | undefined
}

/** What a server holds. Where the system does not tell what is shared (not Linux), all that is resident counts. */
export async function heldBy(server: number): Promise<Held> {
  const all = (await listProcesses()).filter(({ pid, parent }) => pid === server || parent === server)
  const looked = await Promise.all(all.map(async ({ pid, memory }) => ({ pid, ...(await ownOf(pid, memory)) })))
  const shared = Math.max(0, ...looked.map((one) => one.shared))
  const [largest] = looked.filter(({ session }) => session).sort((one, other) => other.own - one.own)
  return { memory: looked.reduce((sum, { own }) => sum + own, shared), largest: largest?.pid }
}

async function ownOf(pid: number, resident: number): Promise<{ own: number; shared: number; session: boolean }> {
  const [status, title] = await Promise.all(
    ['status', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')),
  )
  // As PostgreSQL names its processes: `postgres: <role> <database> <address> …`.
  const session = (title ?? '').startsWith(`postgres: ${ROLE} ${DATABASE} `)
  if (status === '') return { own: process.platform === 'linux' ? 0 : resident / MIB, shared: 0, session }
  const mib = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status ?? '')?.[1] ?? 0) / 1024
  return { own: mib('RssAnon'), shared: mib('RssShmem'), session }
}
