import { setTimeout as pause } from 'node:timers/promises'
import type { Json } from '../contract/sandbox.ts'
import type { Database, Row } from './database.ts'
import type { Owner } from './inventory/resources.ts'

/** A create whose caller was told that it failed, and which happens nevertheless. */
export interface LateCreate {
  owner: Owner
  region: string
  /** Number of the call that asked for it. */
  call: number
  type: string
  urn: string
  /** The inputs in their wire form. */
  wire: Json
}

/** Keeps late creates in the database: they happen even when the sandbox was restarted meanwhile, as at a platform. */
export class LateCreates {
  readonly #db: Database
  readonly #gone: AbortSignal
  readonly #perform: (one: LateCreate) => Promise<void>

  constructor(db: Database, gone: AbortSignal, perform: (one: LateCreate) => Promise<void>) {
    this.#db = db
    this.#gone = gone
    this.#perform = perform
  }

  async schedule(one: LateCreate, ms: number): Promise<void> {
    await this.#db.query(
      `insert into sandbox.late (call, engine, cloud_account, region, type, urn, wire, due_at)
       values ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 millisecond')`,
      [one.call, one.owner.engine, one.owner.cloudAccount, one.region, one.type, one.urn, JSON.stringify(one.wire), ms],
    )
    void this.#wait(one, ms)
  }

  /** Waits again for what was scheduled before a restart. */
  async resume(): Promise<void> {
    const rows = await this.#db.query(
      'select *, greatest(0, extract(epoch from due_at - now()) * 1000)::float8 as ms from sandbox.late',
    )
    for (const row of rows) void this.#wait(lateOf(row), Number(row.ms))
  }

  async #wait(one: LateCreate, ms: number): Promise<void> {
    try {
      await pause(ms, undefined, { signal: this.#gone })
      // The row goes first: a create that fails is over, as its record says.
      await this.#db.query('delete from sandbox.late where call = $1', [one.call])
    } catch {
      // The sandbox or its database is gone; the next start resumes.
      return
    }
    await this.#perform(one)
  }
}

function lateOf(row: Row): LateCreate {
  return {
    owner: { engine: String(row.engine), cloudAccount: String(row.cloud_account) },
    region: String(row.region),
    call: Number(row.call),
    type: String(row.type),
    urn: String(row.urn),
    wire: row.wire as Json,
  }
}
