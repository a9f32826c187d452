import { PipiError } from '../../catalog/errors.ts'
import type { Database } from './database.ts'

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** A hundred years: beyond it, JavaScript's dates and everybody's patience end. */
const FARTHEST_MS = 100 * 366 * 86_400_000

/** The simulated clouds' time: real time plus an offset that is kept in the database. */
export class Clock {
  readonly #db: Database
  #offsetMs: number

  private constructor(db: Database, offsetMs: number) {
    this.#db = db
    this.#offsetMs = offsetMs
  }

  static async open(db: Database): Promise<Clock> {
    await db.query('insert into sandbox.clock (offset_ms) values (0) on conflict do nothing')
    const rows = await db.query<{ offset_ms: string }>('select offset_ms from sandbox.clock')
    return new Clock(db, Number(rows[0]?.offset_ms ?? 0))
  }

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#offsetMs
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  /** Moves by `10d`, `-1h`, `30m`, `90s`, `250ms`; gives the new offset. */
  async advance(by: string): Promise<number> {
    const offset = this.#offsetMs + durationMs(by)
    if (Math.abs(offset) > FARTHEST_MS)
      throw new PipiError('input.invalid', `expected at most 100 years of offset, got ${by} more`)
    await this.#db.query('update sandbox.clock set offset_ms = $1', [offset])
    this.#offsetMs = offset
    return offset
  }
}

/** `10d` in milliseconds. */
export function durationMs(text: string): number {
  const [, sign, amount, unit = ''] = /^([+-]?)(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  const factor = UNITS[unit]
  if (amount === undefined || factor === undefined) {
    throw new PipiError('input.invalid', `expected a duration such as "10d", "-1h" or "90s", got "${text}"`, {
      hint: 'a whole number and one of: ms, s, m, h, d',
    })
  }
  return (sign === '-' ? -1 : 1) * Number(amount) * factor
}
