import { type ErrorCode, PipiError } from '../../catalog/errors.ts'

/** SQLSTATEs that our functions raise (`raise exception … using errcode`), and what they mean. */
const OURS: Record<string, ErrorCode> = {
  ZP001: 'lease.lost',
  ZP002: 'conflict.state',
  ZP003: 'not-found',
  ZP004: 'not-allowed',
  ZP005: 'conflict.key',
  ZP006: 'input.invalid',
  ZP007: 'name.taken',
  ZP008: 'lock.stopped',
}

/** Classes and codes that say: the database is away or has no room for us now. */
const AWAY = /^(08|57P|53)/
const AWAY_SYSTEM = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/** An error of `pg` as one of ours: the message of our functions, else an internal fault with the cause kept. */
export function fromSql(error: unknown): PipiError {
  if (error instanceof PipiError) return error
  const { code = '', message = String(error), hint } = error as { code?: string; message?: string; hint?: string }
  const ours = OURS[code]
  if (ours) return new PipiError(ours, message, { ...(hint ? { hint } : {}), cause: error })
  if (
    AWAY.test(code) ||
    AWAY_SYSTEM.has(code) ||
    /^(Connection terminated|timeout exceeded|Query read timeout)/.test(message)
  ) {
    return new PipiError('platform.busy', `the database does not answer: ${message}`, {
      hint: 'it comes back by itself in most cases; see postgres.log in the data folder, or the server at DATABASE_URL',
      cause: error,
    })
  }
  return new PipiError('platform.internal', `the database refused: ${message}`, { cause: error })
}
