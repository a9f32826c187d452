import type { Database } from './open.ts'
import type { PlacedWorkspace } from './placed-workspace.ts'

/** A live workspace whose manifest wants it compared with its platform now and then. */
export interface ToCompare extends PlacedWorkspace {
  /** As `1d`. */
  every: string
  /** Since it was compared last, or deployed, milliseconds of the ledger's clock. */
  sinceMs: number
  /** Deployments of its engine wait, or one of its own is under way. */
  busy: boolean
  /** Comparisons of its engine that are under way. */
  underWay: number
  /** Since anything of its account was compared or deployed at this engine, milliseconds. */
  servedMs: number
}

/** Those that are due, the longest first; at most 500. */
export async function comparable(db: Database): Promise<ToCompare[]> {
  return db.query<ToCompare>(
    `with due as (
       select w.*, w.manifest -> 'upkeep' ->> 'refresh' as every, pipi.ledger_now() - coalesce(w.compared_at, w.created_at) as since
       from pipi.workspaces w where w.live and not w.suspended and w.manifest -> 'upkeep' ? 'refresh'
     ), open as materialized (
       select d.engine, d.workspace, d.status, d.kind = 'refresh' and d.requested_by = 'platform' as ours
       from pipi.deployments d where d.finished_at is null
     )
     select w.id, w.account, w.name, w.engine, w.region, w.cloud_account as "cloudAccount", w.every, extract(epoch from w.since)::float8 * 1000 as "sinceMs",
       exists (select from open o where o.workspace = w.id or (o.engine = w.engine and o.status = 'accepted' and not o.ours)) as busy,
       (select count(*)::int from open o where o.engine = w.engine and o.ours) as "underWay",
       extract(epoch from pipi.ledger_now() - (select max(s.compared_at) from pipi.workspaces s where s.account = w.account and s.engine = w.engine))::float8 * 1000 as "servedMs"
     from due w
     where abs(extract(epoch from w.since)) >= left(w.every, -1)::int * case right(w.every, 1) when 'm' then 60 when 'h' then 3600 when 'd' then 86400 else 604800 end
     order by w.since desc, w.id limit 500`,
  )
}

/**
 * Takes the time of a comparison, for exactly one of all who ask at once; it is due again only after the whole pause,
 * whatever becomes of this one.
 * @returns the time taken, for a key; undefined when somebody else has it
 */
export async function takeComparison(db: Database, { id, sinceMs }: ToCompare): Promise<string | undefined> {
  const [row] = await db.query<{ at: Date }>(
    `update pipi.workspaces w set compared_at = pipi.ledger_now()
     where w.id = $1 and extract(epoch from pipi.ledger_now() - coalesce(w.compared_at, w.created_at))::float8 * 1000 >= $2::float8 - 1
       and not exists (select from pipi.deployments d where d.workspace = w.id and d.finished_at is null) returning w.compared_at as at`,
    [id, sinceMs],
  )
  return row?.at.toISOString()
}
