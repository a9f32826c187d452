import type { Clock } from '../clock.ts'
import type { Database } from '../database.ts'

export interface Traffic {
  requests: number
  egressBytes: number
  busyMs: number
}

/** Traffic is kept to the slot as well, so that a cloud's own figures can lag behind. */
export const SLOT_MS = 300_000

/**
 * Counts the traffic of each resource by calendar month (UTC, sandbox clock), and by slots of five minutes. Written by
 * `flush`, at once or in time.
 */
export class Usage {
  readonly #db: Database
  readonly #clock: Clock
  /** Grows with every write. */
  version = 0
  #pending = new Map<string, { resource: number; at: number; traffic: Traffic }>()
  #timer: NodeJS.Timeout | undefined
  #written: Promise<void> = Promise.resolve()

  constructor(db: Database, clock: Clock) {
    this.#db = db
    this.#clock = clock
  }

  /** `at`: milliseconds by the sandbox's clock, now where nothing is said. */
  add(resource: number, traffic: Traffic, at = this.#clock.now()): void {
    const slot = Math.floor(at / SLOT_MS) * SLOT_MS
    const key = `${resource} ${slot}`
    const before = this.#pending.get(key)?.traffic ?? { requests: 0, egressBytes: 0, busyMs: 0 }
    this.#pending.set(key, {
      resource,
      at: slot,
      traffic: {
        requests: before.requests + traffic.requests,
        egressBytes: before.egressBytes + traffic.egressBytes,
        busyMs: before.busyMs + traffic.busyMs,
      },
    })
    // A failed write is kept and tried again; who reads the inventory flushes first and hears of it.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), 250)
  }

  /** What a resource has served since a time (milliseconds, the beginning of a slot). */
  async since(resource: number, from: number): Promise<Traffic> {
    await this.flush()
    const [sum] = await this.#db.query(
      `select coalesce(sum(requests), 0) as requests, coalesce(sum(egress_bytes), 0) as bytes, coalesce(sum(busy_ms), 0) as ms
       from sandbox.usage_slots where resource = $1 and slot >= $2`,
      [resource, from],
    )
    return { requests: Number(sum?.requests), egressBytes: Number(sum?.bytes), busyMs: Number(sum?.ms) }
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#written = this.#written.catch(() => undefined).then(() => this.#write())
    await this.#written
  }

  async #write(): Promise<void> {
    const pending = this.#pending
    this.#pending = new Map()
    if (pending.size === 0) return
    const rows = [...pending.values()].map(({ resource, at, traffic }) => ({
      resource,
      at,
      month: monthOf(at),
      ...traffic,
    }))
    try {
      await this.#db.query(
        `with new as (select * from jsonb_to_recordset($1) as x(resource bigint, at bigint, month text, requests bigint,
           "egressBytes" bigint, "busyMs" bigint)), slots as (
           insert into sandbox.usage_slots as s (resource, slot, requests, egress_bytes, busy_ms)
           select resource, at, requests, "egressBytes", "busyMs" from new on conflict (resource, slot) do update set
           requests = s.requests + excluded.requests, egress_bytes = s.egress_bytes + excluded.egress_bytes,
           busy_ms = s.busy_ms + excluded.busy_ms)
         insert into sandbox.usage (resource, month, requests, egress_bytes, busy_ms)
         select resource, month, sum(requests), sum("egressBytes"), sum("busyMs") from new group by 1, 2
         on conflict (resource, month) do update set requests = usage.requests + excluded.requests,
         egress_bytes = usage.egress_bytes + excluded.egress_bytes, busy_ms = usage.busy_ms + excluded.busy_ms`,
        [JSON.stringify(rows)],
      )
      this.version += 1
    } catch (error) {
      for (const left of pending.values()) this.add(left.resource, left.traffic, left.at)
      throw error
    }
  }
}

/** `YYYY-MM` of a time in milliseconds, UTC. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7)
}
