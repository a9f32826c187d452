import { PipiError } from '../../catalog/errors.ts'
import type { Database } from '../store/open.ts'

type Parts = Record<string, { ok: boolean; detail?: string }>

const TIMEOUT_MS = 2_000

/** Asks each part whether it answers; one that takes too long does not. */
export function readiness(db: Database, parts: Record<string, () => Promise<unknown>>): () => Promise<Parts> {
  const all = { database: () => db.query('select 1'), ...parts }
  return async () => {
    const asked = Object.entries(all).map(async ([name, ask]) => [name, await answered(ask)] as const)
    return Object.fromEntries(await Promise.all(asked))
  }
}

async function answered(ask: () => Promise<unknown>): Promise<{ ok: boolean; detail?: string }> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
  })
  try {
    await Promise.race([ask(), late])
    return { ok: true }
  } catch (error) {
    return { ok: false, detail: PipiError.from(error).message }
  } finally {
    clearTimeout(timer)
  }
}
