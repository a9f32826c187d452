import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

export interface BuildUser {
  uid: number
  gid: number
}

/** Numbers that no system gives to anybody; and, where those are not mapped, such as it gives to services for a while. */
const FREE = [
  { from: 1_900_000_000, count: 90_000_000 },
  { from: 61_184, count: 4_336 },
]

/**
 * The user that an account's builds run as where we are root: a number without a name, the same each time, so that what
 * the account's builds keep stays theirs. Undefined where we are not root, or root over ourselves alone: builds then run
 * as we do.
 */
export async function buildUser(account: string): Promise<BuildUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const map = await readFile('/proc/self/uid_map', 'utf8').catch(() => undefined)
  const range = FREE.find(({ from, count }) => map === undefined || isMapped(map, from, from + count - 1))
  if (range === undefined) return undefined
  const uid = range.from + (createHash('sha256').update(account).digest().readUInt32BE() % range.count)
  return { uid, gid: uid }
}

/** Gives a folder with all that is in it to a user; links are given, not what they lead to. */
export async function giveTo(user: BuildUser, ...folders: string[]): Promise<void> {
  await promisify(execFile)('chown', ['-Rh', `${user.uid}:${user.gid}`, '--', ...folders])
}

function isMapped(map: string, first: number, last: number): boolean {
  return map.split('\n').some((line) => {
    const [inside, , length] = line.trim().split(/\s+/).map(Number)
    return inside !== undefined && length !== undefined && first >= inside && last < inside + length
  })
}
