import type { Json, MeteredResource, Serving, StoredResource } from '../../contract/sandbox.ts'
import type { Database, Row } from '../database.ts'

/** Whose resources: a cloud account of one engine's platform. */
export interface Owner {
  engine: string
  cloudAccount: string
}

export interface KeptResource extends StoredResource, Owner {
  seq: number
  /** The inputs as Pulumi sent them, with secrets and assets in their wire form. */
  wire: Json
  serving: Serving | undefined
}

/** As far as the witness reads it. */
export type BilledResource = StoredResource & Owner

export interface NewResource extends Owner {
  type: string
  id: string
  urn: string
  uniqueName: string | undefined
  wire: Json
  inputs: Json
  outputs: Json
  serving: Serving | undefined
  createdAt: number
}

const TRAFFIC = `jsonb_object_agg(u.span, jsonb_build_object('requests', u.requests, 'egressBytes', u.egress_bytes,
  'busyMs', u.busy_ms))`
/** All that was served. */
const SERVED = `(select ${TRAFFIC} from (select month as span, requests, egress_bytes, busy_ms from sandbox.usage where resource = r.seq) u)`
/** What was served in the slots from $3 on that had begun by $4, day by day. */
const SEEN = `(select ${TRAFFIC} from (
    select to_char(to_timestamp(s.slot / 1000.0) at time zone 'UTC', 'YYYY-MM-DD') as span, sum(s.requests) as requests,
      sum(s.egress_bytes) as egress_bytes, sum(s.busy_ms) as busy_ms
    from sandbox.usage_slots s where s.resource = r.seq and s.slot >= $3 and s.slot <= $4 group by 1) u)`
/** What lay in it from which time on. */
const STORED = `(select jsonb_agg(jsonb_build_object('at', s.slot, 'bytes', s.bytes + s.planted) order by s.slot)
  from sandbox.stored s where s.resource = r.seq) as stored`
const columns = (usage: string) => `r.seq, r.engine, r.cloud_account, r.type, r.id, r.urn, r.wire, r.inputs, r.outputs,
  r.serving, r.created_at, r.deleted_at, coalesce(${usage}, '{}') as usage, ${STORED}`

/** What exists (and existed) in the simulated clouds. */
export class Resources {
  readonly #db: Database
  /** Grows with everything that is made, changed or removed. */
  version = 0

  constructor(db: Database) {
    this.#db = db
  }

  /** Gives the row's number, or undefined when the id or the unique name is taken: the database decides races. */
  async add(one: NewResource): Promise<number | undefined> {
    const rows = await this.#db.query<{ seq: string }>(
      `insert into sandbox.resources (engine, cloud_account, type, id, urn, unique_name, wire, inputs, outputs, serving, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning seq`,
      [
        one.engine,
        one.cloudAccount,
        one.type,
        one.id,
        one.urn,
        one.uniqueName ?? null,
        JSON.stringify(one.wire),
        JSON.stringify(one.inputs),
        JSON.stringify(one.outputs),
        one.serving === undefined ? null : JSON.stringify(one.serving),
        one.createdAt,
      ],
    )
    // After it, never before: who asks in between must ask again.
    this.version += 1
    return rows[0] === undefined ? undefined : Number(rows[0].seq)
  }

  /** What lives under this id now. */
  async get(owner: Owner, type: string, id: string): Promise<KeptResource | undefined> {
    const rows = await this.#select(
      'r.engine = $1 and r.cloud_account = $2 and r.type = $3 and r.id = $4 and r.deleted_at is null',
      [owner.engine, owner.cloudAccount, type, id],
    )
    return rows[0]
  }

  async living(owner: Owner, type?: string): Promise<KeptResource[]> {
    return this.#select(
      'r.engine = $1 and r.cloud_account = $2 and ($3::text is null or r.type = $3) and r.deleted_at is null',
      [owner.engine, owner.cloudAccount, type ?? null],
    )
  }

  /** What stood at some time since `from`, with the traffic of the slots that had begun by `seenBy`. */
  async metered(owner: Owner, from: number, seenBy: number): Promise<(KeptResource & MeteredResource)[]> {
    const rows = await this.#select(
      'r.engine = $1 and r.cloud_account = $2 and (r.deleted_at is null or r.deleted_at >= $3)',
      [owner.engine, owner.cloudAccount, from, seenBy],
      SEEN,
    )
    return rows.map((row) => ({ ...row, days: row.usage, usage: byMonth(row.usage) }))
  }

  /** Across all cloud accounts; with `deleted`, what is gone too. */
  async all(filter: {
    engine?: string | undefined
    cloudAccount?: string | undefined
    deleted: boolean
  }): Promise<KeptResource[]> {
    return this.#select(
      '($1::text is null or r.engine = $1) and ($2::text is null or r.cloud_account = $2) and ($3 or r.deleted_at is null)',
      [filter.engine ?? null, filter.cloudAccount ?? null, filter.deleted],
    )
  }

  /** Everything of one type that lives on an engine's platform, whoever is billed. */
  async ofType(engine: string, type: string): Promise<KeptResource[]> {
    return this.#select('r.engine = $1 and r.type = $2 and r.deleted_at is null', [engine, type])
  }

  /** Who has, or had, something of an engine's platform, and since when. */
  async accounts(engine: string): Promise<[string, number][]> {
    const rows = await this.#db.query(
      'select cloud_account, min(created_at) as first from sandbox.resources where engine = $1 group by 1',
      [engine],
    )
    return rows.map((row) => [String(row.cloud_account), Number(row.first)])
  }

  /** What an account had at some time from `from` to `to`. */
  async billed(owner: Owner, from: number, to: number): Promise<BilledResource[]> {
    return this.#bill(
      'r.engine = $1 and r.cloud_account = $2 and (r.deleted_at is null or r.deleted_at >= $3) and r.created_at <= $4',
      [owner.engine, owner.cloudAccount, from, to],
    )
  }

  /** What lives of an engine's platform, and what has gone since then. */
  async since(engine: string, at: number): Promise<[living: BilledResource[], gone: BilledResource[]]> {
    return Promise.all([
      this.#bill('r.engine = $1 and r.deleted_at is null', [engine]),
      this.#bill('r.engine = $1 and r.deleted_at >= $2', [engine, at]),
    ])
  }

  async serving(): Promise<KeptResource[]> {
    return this.#select('r.serving is not null and r.deleted_at is null', [])
  }

  async change(
    seq: number,
    to: { wire: Json; inputs: Json; outputs: Json; serving: Serving | undefined },
  ): Promise<void> {
    await this.#db.query(
      'update sandbox.resources set wire = $2, inputs = $3, outputs = $4, serving = $5 where seq = $1',
      [
        seq,
        JSON.stringify(to.wire),
        JSON.stringify(to.inputs),
        JSON.stringify(to.outputs),
        to.serving === undefined ? null : JSON.stringify(to.serving),
      ],
    )
    this.version += 1
  }

  async remove(seq: number, at: number): Promise<void> {
    await this.#db.query('update sandbox.resources set deleted_at = $2 where seq = $1 and deleted_at is null', [
      seq,
      at,
    ])
    this.version += 1
  }

  async #bill(where: string, values: unknown[]): Promise<BilledResource[]> {
    const rows = await this.#db.query(
      `select r.engine, r.cloud_account, r.type, r.id, r.urn, r.inputs, r.outputs, r.created_at, r.deleted_at,
         coalesce(${SERVED}, '{}') as usage, ${STORED} from sandbox.resources r where ${where} order by r.seq`,
      values,
    )
    return rows.map(billedOf)
  }

  async #select(where: string, values: unknown[], usage = SERVED): Promise<KeptResource[]> {
    const rows = await this.#db.query(
      `select ${columns(usage)} from sandbox.resources r where ${where} order by r.seq`,
      values,
    )
    return rows.map(resourceOf)
  }
}

function byMonth(days: StoredResource['usage']): StoredResource['usage'] {
  const months: StoredResource['usage'] = {}
  for (const [day, of] of Object.entries(days)) {
    const month = day.slice(0, 7)
    const sum = months[month] ?? { requests: 0, egressBytes: 0, busyMs: 0 }
    months[month] = {
      requests: sum.requests + of.requests,
      egressBytes: sum.egressBytes + of.egressBytes,
      busyMs: sum.busyMs + of.busyMs,
    }
  }
  return months
}

function resourceOf(row: Row): KeptResource {
  return {
    ...billedOf(row),
    seq: Number(row.seq),
    wire: row.wire as Json,
    serving: row.serving === null ? undefined : (row.serving as Serving),
  }
}

function billedOf(row: Row): BilledResource {
  return {
    engine: String(row.engine),
    cloudAccount: String(row.cloud_account),
    type: String(row.type),
    id: String(row.id),
    urn: String(row.urn),
    inputs: row.inputs as Json,
    outputs: row.outputs as Json,
    createdAt: Number(row.created_at),
    ...(row.deleted_at === null ? {} : { deletedAt: Number(row.deleted_at) }),
    usage: row.usage as StoredResource['usage'],
    ...(row.stored === null ? {} : { stored: row.stored as NonNullable<StoredResource['stored']> }),
  }
}
