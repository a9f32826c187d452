import type { BoundClass } from '../../catalog/demand.ts'
import { present } from './deployment.ts'
import type { Database } from './open.ts'

/** One meter as an account may see it. Amounts in `unit`, of the running period where nothing else is said. */
export interface Quota {
  cloudAccount: string
  engine: string
  meter: string
  scope: string
  title: string
  unit: string
  period: 'concurrent' | 'month' | 'day' | 'lifetime'
  /** A platform's allowance, or the owner's money (USD). */
  pays: 'free' | 'budget' | 'credit'
  limit: number
  /** For what lives, until the period's end or its own. */
  held: number
  /** What of `held` has passed by now, where it passes with time. */
  gone: number
  /** By what was given back. */
  used: number
  /** Taken beside ours: use outside, strays. */
  observed: number
  /** What the platform itself last said, ours included, and up to when (ISO 8601). */
  reading?: number
  readAt?: string
  /** What may still be reserved of this period, and of the next, by what goes on into it. */
  left: number
  leftNext: number
  /** What goes on into the next period, each for the whole of it. */
  standing: number
  /** More is held, used or observed than the facts allow: nothing is reserved. */
  over: boolean
  /** The worst class of what holds it, else the meter's own. */
  class: BoundClass
  /** ISO 8601; missing for what never resets. */
  resets?: string
  /** USD for one unit beyond the limit: of the period, or of a month for what is counted while it exists. Missing: nobody knows. */
  price?: number
  /** Other accounts' holdings are one sum, `another account`. */
  holders: Holder[]
}

export interface Holder {
  workspace: string
  resource: string
  /** Of a whole period. */
  amount: number
  /** Of the running one; missing where money pays for all of it. */
  part?: number
  class: BoundClass
  /** By when it is gone as promised, ISO 8601; missing: it goes on. */
  endsAt?: string
  /** How much of `amount` money pays for. */
  paid?: number
}

/** Every meter of the cloud accounts that an account uses, of one engine or of all. */
export async function quota(db: Database, account: string, engine?: string): Promise<Quota[]> {
  const rows = await db.query(
    `select c.id as "cloudAccount", c.engine, m.meter, m.scope, m.title, m.unit, m.period, m.pays, m.stated_limit as "limit", m.held, m.gone, m.used, m.observed,
       m.reading, pipi.iso(m.read_at) as "readAt", m.room as "left", m.room_next as "leftNext", m.standing, m.over, m.class, pipi.iso(m.resets_at) as resets,
       m.usd_per_unit as price, pipi.holders_of(c.id, m.meter, m.scope, a.account) as holders
     from pipi.account_clouds a
     join pipi.cloud_accounts c on c.id = a.cloud_account
     cross join lateral pipi.meters_now(c.id) m
     where a.account = $1 and ($2::text is null or c.engine = $2)
       and (m.scope <> '*' or not exists (select from pipi.meters o where o.cloud_account = c.id and o.meter = m.meter and o.scope <> '*'))
     order by c.engine, c.id, m.meter, m.scope`,
    [account, engine ?? null],
  )
  return rows.map((row) => present(row) as unknown as Quota)
}
