import { createHash, randomBytes } from 'node:crypto'
import type { Database } from './database.ts'

/** The seed that ids grow from: given at the first start or drawn, and kept in the database from then on. */
export async function openSeed(db: Database, given: string | undefined): Promise<string> {
  const seed = given ?? randomBytes(16).toString('hex')
  await db.query("insert into sandbox.settings (key, value) values ('seed', $1) on conflict do nothing", [seed])
  const rows = await db.query<{ value: string }>("select value from sandbox.settings where key = 'seed'")
  return rows[0]?.value ?? seed
}

/** A source of pseudo-random hex. Same seed and label: same sequence; a label never used twice gives ids never used twice. */
export function hexSource(seed: string, label: string): (length: number) => string {
  let drawn = 0
  return (length) => {
    let hex = ''
    while (hex.length < length) {
      hex += createHash('sha256').update(`${seed}:${label}:${drawn}`).digest('hex')
      drawn += 1
    }
    return hex.slice(0, length)
  }
}

/** Pseudo-random numbers in [0, 1). */
export function numberSource(seed: string, label: string): () => number {
  const hex = hexSource(seed, label)
  return () => Number.parseInt(hex(12), 16) / 2 ** 48
}
