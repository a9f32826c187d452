import type { Clock } from '../clock.ts'
import type { Database, Row } from '../database.ts'
import type { Owner } from './resources.ts'

export interface Call extends Owner {
  operation: string
  type: string
  urn?: string
  id?: string
  token?: string | undefined
}

/** Everything asked of a simulated cloud, written before it is done and completed after: what an auditor reads. */
export class Calls {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** Gives the call's number, never used twice. */
  async begin(call: Call): Promise<number> {
    const rows = await this.#db.query<{ seq: string }>(
      `insert into sandbox.calls (engine, cloud_account, operation, type, urn, id, token, clock)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning seq`,
      [
        call.engine,
        call.cloudAccount,
        call.operation,
        call.type,
        call.urn ?? null,
        call.id ?? null,
        call.token ?? null,
        this.#clock.now(),
      ],
    )
    return Number(rows[0]?.seq)
  }

  /** `late`: it happened after the caller had been told otherwise. */
  async end(
    seq: number,
    outcome: { kind: 'done' | 'failed' | 'late'; id: string | undefined; message?: string },
  ): Promise<void> {
    await this.#db.query(
      'update sandbox.calls set outcome = $2, id = coalesce($3, id), message = coalesce($4, message), ended_at = now() where seq = $1',
      [seq, outcome.kind, outcome.id ?? null, outcome.message ?? null],
    )
  }

  async list(filter: { after: number; operation: string | undefined; limit: number }): Promise<Row[]> {
    const rows = await this.#db.query(
      `select seq::int, engine, cloud_account as "cloudAccount", operation, type, urn, id, token, outcome, message,
        clock::float8, began_at as "beganAt", ended_at as "endedAt" from sandbox.calls
       where seq > $1 and ($2::text is null or operation = $2) order by seq limit $3`,
      [filter.after, filter.operation ?? null, filter.limit],
    )
    return rows
  }
}
