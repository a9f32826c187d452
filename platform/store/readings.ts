import { z } from 'zod'
import type { Database } from './open.ts'
import type { SwitchState } from './set-switch.ts'

/** What a platform last said was used of one meter in its running period, beside what was allowed. In the meter's unit. */
export interface MeterReading {
  cloudAccount: string
  engine: string
  switch: SwitchState
  onBurn: 'stop' | 'suspend'
  meter: string
  scope: string
  unit: string
  title: string
  /** Day or month, empty for what never resets. */
  period: string
  /** The free limit and what money pays beyond it. */
  limit: number
  reading: number
  /** Up to when the reading goes, when it was read, and the ledger's clock now, milliseconds since 1970. */
  until: number
  readAt: number
  now: number
  /** The last other total, and when it was first seen. */
  before?: { total: number; until: number }
  /** Milliseconds until the next reading, at most. */
  everyMs: number
  /** Something of ours holds some of it. */
  held: boolean
  /** All that lives on it is bounded by its own throttles, and nothing else was seen. */
  bounded: boolean
}

const rowSchema = z.object({
  cloudAccount: z.string(),
  engine: z.string(),
  switch: z.enum(['open', 'stopped', 'suspended']),
  onBurn: z.enum(['stop', 'suspend']),
  meter: z.string(),
  scope: z.string(),
  unit: z.string(),
  title: z.string(),
  period: z.string(),
  limit: z.number(),
  reading: z.number(),
  until: z.number(),
  readAt: z.number(),
  now: z.number(),
  before: z.object({ total: z.number(), until: z.number() }).nullable().catch(null),
  everyMs: z.number(),
  held: z.boolean(),
  bounded: z.boolean(),
})

/** Every reading of the running periods; with `sinceSwitch`, those newer than the last turn of the account's switch. */
export async function newestReadings(db: Database, sinceSwitch = false): Promise<MeterReading[]> {
  const rows = await db.query(
    `select m.cloud_account as "cloudAccount", c.engine, c.switch, c.on_burn as "onBurn", m.meter, m.scope, m.unit, m.title, m.period_key as period,
       m.stated_limit + paid.amount as "limit",
       m.reading, (r.value ->> 'until')::float8 as until, (w.result ->> 'at')::float8 as "readAt", extract(epoch from pipi.ledger_now())::float8 * 1000 as now,
       nullif(r.value -> 'before', 'null') as before,
       w.every_ms as "everyMs",
       m.held > 0 or paid.amount > 0 as held,
       m.observed = 0 and not exists (select from pipi.holdings h where h.cloud_account = m.cloud_account and h.state <> 'released' and h.bound <> 'proven'
         and h.meter = m.meter and h.scope = m.scope)
         and not exists (select from pipi.holdings h where h.cloud_account = m.cloud_account and h.state <> 'released' and h.bound <> 'proven'
           and h.pays_meter is not null and h.pays_meter = m.meter and h.pays_scope = m.scope) as bounded
     from pipi.watches w
     join pipi.cloud_accounts c on c.id = w.cloud_account
     cross join lateral jsonb_array_elements(w.result -> 'readings') r
     join pipi.meters m on m.cloud_account = c.id and m.meter = r.value ->> 'meter' and m.scope = r.value ->> 'scope'
     cross join lateral (select coalesce(sum(h.pays_amount), 0) as amount from pipi.holdings h
       where h.cloud_account = m.cloud_account and h.pays_meter is not null and h.pays_meter = m.meter and h.pays_scope = m.scope and h.state <> 'released') paid
     where w.kind = 'usage' and (not $1 or w.done_at > coalesce(c.switched_at, '-infinity')) and m.reading is not null
       and m.period_key = pipi.period_key(m.period)
     order by m.cloud_account, m.meter, m.scope`,
    [sinceSwitch],
  )
  return rows.map((row) => {
    const { before, ...rest } = rowSchema.parse(row)
    return before === null ? rest : { ...rest, before }
  })
}

/** Whether something of ours takes part in a meter: also what was expected to take nothing of it, and so holds nothing. */
export async function takesPart(db: Database, { cloudAccount, meter, scope }: MeterReading): Promise<boolean> {
  const rows = await db.query(
    `select from pipi.workspaces w join pipi.resources r on r.workspace = w.id
     where w.cloud_account = $1 and r.amounts @> jsonb_build_array(jsonb_build_object('meter', $2::text, 'scope', $3::text)) limit 1`,
    [cloudAccount, meter, scope],
  )
  return rows.length > 0
}

export interface Charge {
  cloudAccount: string
  switch: SwitchState
  onBurn: 'stop' | 'suspend'
  /** What the platform says it will charge this month, and what the owner allows, USD. */
  usd: number
  allowed: number
  says: string
  /** `YYYY-MM`. */
  month: string
}

/** What platforms say they will charge in the running month, where it is anything. */
export async function charges(db: Database): Promise<Charge[]> {
  return db.query<Charge>(
    `select c.id as "cloudAccount", c.switch, c.on_burn as "onBurn", (w.result -> 'charged' ->> 'usd')::float8 as usd, coalesce(w.result -> 'charged' ->> 'says', '') as says,
       coalesce((select sum(m.stated_limit) from pipi.meters m where m.cloud_account = c.id and m.pays <> 'free'), 0) as allowed, pipi.period_key('month') as month
     from pipi.watches w join pipi.cloud_accounts c on c.id = w.cloud_account
     where w.kind = 'usage' and w.done_at > coalesce(c.switched_at, '-infinity') and (w.result -> 'charged' ->> 'usd')::float8 > 0 order by c.id`,
  )
}

/** Meters on which nothing more is reserved, since more is held, used or seen than is free. */
export async function metersOver(
  db: Database,
): Promise<{ cloudAccount: string; engine: string; meter: string; scope: string }[]> {
  return db.query(
    `select m.cloud_account as "cloudAccount", c.engine, m.meter, m.scope from pipi.meters m join pipi.cloud_accounts c on c.id = m.cloud_account
     where m.over and m.period_key = pipi.period_key(m.period) order by 1, 3, 4`,
  )
}

/** Every cloud account's switch. */
export async function switches(db: Database): Promise<{ id: string; engine: string; switch: SwitchState }[]> {
  return db.query('select id, engine, switch from pipi.cloud_accounts order by id')
}
