import type { Database } from './open.ts'
import type { PlacedWorkspace } from './placed-workspace.ts'

interface Standing extends PlacedWorkspace {
  /** When the switch was turned. */
  switchedAt: Date
  /** Resource types that it has. */
  types: string[]
  /** How often the platform has tried since then, and for how long not, milliseconds. */
  tries: number
  sinceMs: number
}

const TRIES = (kind: string) => `
  cross join lateral (select count(*)::int as tries, coalesce(extract(epoch from clock_timestamp() - max(d.finished_at)) * 1000, 0)::float8 as since
    from pipi.deployments d where d.workspace = w.id and d.kind = '${kind}' and d.finished_at is not null and d.accepted_at > c.switched_at) t`

const FIELDS = `w.id, w.account, w.name, w.engine, w.region, w.cloud_account as "cloudAccount", c.switched_at as "switchedAt",
  array(select distinct r.type from pipi.resources r where r.workspace = w.id order by 1) as types, t.tries, t.since as "sinceMs"`

/**
 * What still runs at suspended cloud accounts and takes part in what tripped them (all of it when a person turned the
 * switch), whoever takes most of it first: by reading where the platform tells resources apart, else by what is held.
 */
export async function toSuspend(db: Database): Promise<Standing[]> {
  return db.query<Standing>(
    `select ${FIELDS}
     from pipi.cloud_accounts c join pipi.workspaces w on w.cloud_account = c.id ${TRIES('suspend')}
     cross join lateral (
       select coalesce(sum(coalesce(u.used, u.held, 0) / greatest(m.stated_limit, 1e-9)), 0) as burn, count(*) as parts
       from jsonb_to_recordset(c.tripped) as x(meter text, scope text)
       left join pipi.meters m on m.cloud_account = c.id and m.meter = x.meter and m.scope = x.scope
       cross join lateral (select
         (select sum(rd.amount) from pipi.resources r join pipi.readings rd on rd.resource = r.id
           where r.workspace = w.id and rd.cloud_account = c.id and rd.meter = x.meter and rd.scope = x.scope and rd.period_key = m.period_key) as used,
         (select sum(coalesce(h.pays_amount, h.part)) from pipi.holdings h where h.workspace = w.id and h.released_at is null
           and coalesce(h.pays_meter, h.meter) = x.meter and coalesce(h.pays_scope, h.scope) = x.scope) as held,
         -- Expected to take nothing it holds nothing, and takes part all the same.
         exists (select from pipi.resources r where r.workspace = w.id
           and r.amounts @> jsonb_build_array(jsonb_build_object('meter', x.meter, 'scope', x.scope))) as named) u
       where u.held is not null or u.named or x.meter = 'usd.charged') b
     where c.switch = 'suspended' and w.live and not w.suspended and (c.tripped = '[]' or b.parts > 0)
       and not exists (select from pipi.deployments d where d.workspace = w.id and d.kind in ('suspend', 'destroy') and d.finished_at is null)
     order by b.burn desc, w.id`,
  )
}

/** What stands still although its cloud account is open again. */
export async function toResume(db: Database): Promise<Standing[]> {
  return db.query<Standing>(
    `select ${FIELDS}
     from pipi.cloud_accounts c join pipi.workspaces w on w.cloud_account = c.id ${TRIES('resume')}
     where c.switch = 'open' and w.live and w.suspended
       and not exists (select from pipi.deployments d where d.workspace = w.id and d.kind in ('resume', 'deploy', 'rollback', 'destroy') and d.finished_at is null)
     order by w.id`,
  )
}

/**
 * What would keep suspends waiting: deploys before them in their workspaces, which the lock would refuse anyhow, end
 * refused when nobody has begun them; running ones at the cloud account are asked to end, so that clones are free.
 */
export async function clearTheWay(db: Database, cloudAccount: string): Promise<void> {
  await db.query('select pipi.clear_the_way($1)', [cloudAccount])
}

/** Suspends that nobody has begun when the switch is opened again have no reason any more. */
export async function cancelSuspends(db: Database): Promise<void> {
  await db.query(
    `select pipi.request_cancel(d.account, d.id, 'platform') from pipi.deployments d join pipi.cloud_accounts c on c.id = d.cloud_account
     where d.kind = 'suspend' and d.finished_at is null and d.cancel_requested_at is null and c.switch = 'open'`,
  )
}

/**
 * Opens what the owner wants to open by itself: where the periods that tripped it are over, or where it was only foreseen
 * and the platform has since said of all the time until things stood still that it did not come to a warning.
 * @param calm the share of a limit from which on there is a warning
 */
export async function openAgain(db: Database, calm: number): Promise<{ cloudAccount: string; why: string }[]> {
  return db.query<{ cloudAccount: string; why: string }>(
    // In two steps: among conditions of one the database may turn the switch before it asks whether it should.
    `with tripped as materialized (
       select c.id, x.value ->> 'period' not in ('', pipi.period_key('month'), pipi.period_key('day')) as over,
         coalesce((x.value ->> 'foreseen')::boolean, false) and exists (
           select from pipi.watches w cross join lateral jsonb_array_elements(w.result -> 'readings') r
           where w.cloud_account = c.id and w.kind = 'usage' and r.value ->> 'meter' = x.value ->> 'meter' and r.value ->> 'scope' = x.value ->> 'scope'
             and (r.value ->> 'until')::numeric >= (x.value ->> 'at')::numeric + w.every_ms
             and (r.value ->> 'total')::numeric < (x.value ->> 'limit')::numeric * $1) as calm
       from pipi.cloud_accounts c cross join lateral jsonb_array_elements(c.tripped) x
       where c.switch <> 'open' and c.resume = 'next-period'
     ), fit as materialized (
       select t.id, case when bool_and(t.over) then 'the periods that tripped it are over' else 'what was foreseen did not come' end as why
       from tripped t group by t.id having bool_and(t.over or t.calm))
     select f.id as "cloudAccount", f.why from fit f where pipi.set_switch(f.id, 'open', f.why, 'platform')`,
    [calm],
  )
}
