import type { Clock } from '../clock.ts'
import type { Database } from '../database.ts'
import { SLOT_MS } from './usage.ts'

/**
 * How much lies in each resource from which time on, kept to slots of five minutes. What is planted comes on top of what
 * the cloud itself says, and stays until it is planted otherwise.
 */
export class StoredBytes {
  readonly #db: Database
  readonly #clock: Clock

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  async say(resource: number, bytes: number): Promise<void> {
    await this.#write(resource, bytes, null)
  }

  async plant(resource: number, bytes: number): Promise<void> {
    await this.#write(resource, null, bytes)
  }

  async #write(resource: number, bytes: number | null, planted: number | null): Promise<void> {
    const slot = Math.floor(this.#clock.now() / SLOT_MS) * SLOT_MS
    await this.#db.query(
      `insert into sandbox.stored (resource, slot, bytes, planted)
       select $1, $2, coalesce($3, last.bytes, 0), coalesce($4, last.planted, 0)
       from (select 1) as one left join lateral (
         select bytes, planted from sandbox.stored where resource = $1 and slot <= $2 order by slot desc limit 1) as last on true
       on conflict (resource, slot) do update set bytes = coalesce($3, stored.bytes), planted = coalesce($4, stored.planted)`,
      [resource, slot, bytes, planted],
    )
  }
}
