import type { BoundClass } from '../../catalog/demand.ts'
import { present } from './deployment.ts'
import type { Database } from './open.ts'

/** One meter as an account may see it. Amounts in `unit`; `left` is what may still be reserved. */
export interface Quota {
  cloudAccount: string
  engine: string
  meter: string
  scope: string
  title: string
  unit: string
  period: 'concurrent' | 'month' | 'day' | 'lifetime'
  limit: number
  held: number
  used: number
  observed: number
  left: number
  /** More is held, used or observed than the facts allow: nothing is reserved. */
  over: boolean
  /** The worst class of what holds it, else the meter's own. */
  class: BoundClass
  /** ISO 8601; missing for what never resets. */
  resets?: string
  /** Other accounts' holdings are one sum, `another account`. */
  holders: { workspace: string; resource: string; amount: number }[]
}

/** Every meter of the cloud accounts that an account uses, of one engine or of all. */
export async function quota(db: Database, account: string, engine?: string): Promise<Quota[]> {
  const rows = await db.query(
    `select m.cloud_account as "cloudAccount", c.engine, m.meter, m.scope, m.title, m.unit, m.period, m.stated_limit as "limit", m.held,
       now.used, now.observed, greatest(m.stated_limit - m.held - now.used - now.observed, 0) as "left",
       m.held + now.used + now.observed > m.stated_limit as over, pipi.resets_at(m.period) as resets,
       coalesce((select case when bool_or(h.bound = 'unbounded') then 'unbounded' when bool_or(h.bound = 'watched') then 'watched' else 'proven' end
         from pipi.holdings h where h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope and h.state <> 'released' having count(*) > 0), m.bound) as class,
       pipi.holders_of(m.cloud_account, m.meter, m.scope, a.account) as holders
     from pipi.account_clouds a
     join pipi.cloud_accounts c on c.id = a.cloud_account
     join pipi.meters m on m.cloud_account = c.id
     cross join lateral (select case when m.period_key = pipi.period_key(m.period) then m.used else 0 end as used,
       case when m.period_key = pipi.period_key(m.period) then m.observed else 0 end as observed) now
     where a.account = $1 and ($2::text is null or c.engine = $2)
       and (m.scope <> '*' or not exists (select from pipi.meters o where o.cloud_account = m.cloud_account and o.meter = m.meter and o.scope <> '*'))
     order by c.engine, m.cloud_account, m.meter, m.scope`,
    [account, engine ?? null],
  )
  return rows.map((row) => present({ ...row, resets: (row.resets as Date | null)?.toISOString() }) as unknown as Quota)
}
