import { z } from 'zod'
import type { Database, Row } from './database.ts'

/**
 * A planned misbehaviour of a simulated cloud. `moment` is before or after the effect:
 * `latency` waits `ms`; `error` fails (after: it was made, but the answer is 500); `hang` never answers;
 * `throttle` is a 429 before the effect; `late` (of a create) fails at once, and the resource appears `ms` later.
 */
export const faultSchema = z
  .strictObject({
    engine: z.string().min(1).max(40).default('*'),
    type: z.string().min(1).max(200).default('*'),
    operation: z.enum(['*', 'create', 'read', 'update', 'delete', 'invoke', 'api']).default('create'),
    kind: z.enum(['latency', 'error', 'hang', 'throttle', 'late']),
    moment: z.enum(['before', 'after']).default('before'),
    ms: z.int().min(0).max(3_600_000).default(1_000),
    message: z.string().max(500).optional(),
    /** How many calls it strikes. */
    count: z.int().min(1).max(1_000_000).default(1),
  })
  .refine((fault) => fault.kind !== 'late' || fault.operation === 'create', 'only a create can be late')
export type Fault = z.infer<typeof faultSchema>

export class Faults {
  readonly #db: Database
  /** Cached so that a sandbox without faults asks nothing: only this process plants them. */
  #planted: boolean

  private constructor(db: Database, planted: boolean) {
    this.#db = db
    this.#planted = planted
  }

  static async open(db: Database): Promise<Faults> {
    const rows = await db.query('select 1 from sandbox.faults where remaining > 0 limit 1')
    return new Faults(db, rows.length > 0)
  }

  async plant(fault: Fault): Promise<number> {
    const rows = await this.#db.query<{ id: string }>(
      `insert into sandbox.faults (engine, type, operation, kind, moment, ms, message, remaining)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
      [
        fault.engine,
        fault.type,
        fault.operation,
        fault.kind,
        fault.moment,
        fault.ms,
        fault.message ?? null,
        fault.count,
      ],
    )
    this.#planted = true
    return Number(rows[0]?.id)
  }

  /** The oldest fault that strikes this call, used up by one. */
  async strike(engine: string, type: string, operation: string): Promise<Fault | undefined> {
    if (!this.#planted) return undefined
    const rows = await this.#db.query(
      `update sandbox.faults set remaining = remaining - 1 where id = (
         select id from sandbox.faults where remaining > 0 and engine in ('*', $1) and type in ('*', $2)
           and operation in ('*', $3) order by id limit 1 for update skip locked)
       returning engine, type, operation, kind, moment, ms::int, message, remaining + 1 as count`,
      [engine, type, operation],
    )
    return rows[0] === undefined ? undefined : faultOf(rows[0])
  }

  async list(): Promise<Row[]> {
    return this.#db.query(
      `select id::int, engine, type, operation, kind, moment, ms::int, message, remaining from sandbox.faults
       where remaining > 0 order by id`,
    )
  }

  async clear(): Promise<void> {
    await this.#db.query('delete from sandbox.faults')
    this.#planted = false
  }
}

function faultOf(row: Row): Fault {
  return faultSchema.parse(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
}
