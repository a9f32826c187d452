import type { Database } from './open.ts'
import type { PlacedWorkspace } from './placed-workspace.ts'

/** What every chore has to know of a workspace: where it stands, and how often it was tried already. */
const WHERE = `w.id, w.account, w.name, coalesce(w.engine, l.engine) as engine, coalesce(w.region, l.region) as region, coalesce(w.cloud_account, l.cloud_account) as "cloudAccount"`
const LAST = `cross join lateral (select d.id, d.engine, d.region, d.cloud_account, d.position from pipi.deployments d where d.workspace = w.id order by d.position desc limit 1) l`
const AT_REST = `not exists (select from pipi.deployments d where d.workspace = w.id and d.finished_at is null)`

export interface Uncertain extends PlacedWorkspace {
  /** The last deployment that somebody asked for: since then the platform has tried so often. */
  since: string
  tries: number
  sinceMs: number
}

/** Workspaces at rest of which nobody can say what exists, once the provider's own deadlines are over. */
export async function uncertainWorkspaces(db: Database): Promise<Uncertain[]> {
  return db.query<Uncertain>(
    `select ${WHERE}, coalesce(t.since_id, l.id) as since, t.tries, t.since as "sinceMs"
     from pipi.workspaces w ${LAST}
     cross join lateral (
       select max(d.id) filter (where d.requested_by is distinct from 'platform') as since_id,
         count(*) filter (where d.requested_by = 'platform' and d.kind = 'refresh' and d.position > a.position)::int as tries,
         coalesce(extract(epoch from clock_timestamp() - max(d.finished_at) filter (where d.requested_by = 'platform')) * 1000, 0)::float8 as since
       from pipi.deployments d cross join lateral (
         select coalesce(max(o.position), 0) as position from pipi.deployments o where o.workspace = w.id and o.requested_by is distinct from 'platform') a
       where d.workspace = w.id) t
     where w.id in (select i.workspace from pipi.intents i where i.ended_at is null union select h.workspace from pipi.holdings h where h.state = 'uncertain')
       and ${AT_REST}
       and not exists (select from pipi.intents i where i.workspace = w.id and i.ended_at is null and i.deadline_at > clock_timestamp())
     order by w.id limit 100`,
  )
}

/**
 * A create that the platform called failed may happen all the same, later: once its deadline is over it is looked for
 * once more. Its intent is open again, which makes the workspace uncertain; what is then absent stays so.
 */
export async function reopenFailedCreates(db: Database): Promise<number> {
  const rows = await db.query(
    `update pipi.intents i set ended_at = null, outcome = null, message = 'looked for once more, as a failed create may come late: ' || coalesce(i.message, '')
     from pipi.workspaces w
     where w.id = i.workspace and i.operation = 'create' and i.outcome = 'failed' and i.outcome_id is null and i.deadline_at <= clock_timestamp()
       and i.ended_at > clock_timestamp() - interval '2 days' and ${AT_REST}
       and not exists (select from pipi.intents n where n.workspace = i.workspace and n.urn = i.urn and n.began_at > i.began_at and n.operation in ('create', 'import', 'delete'))
       and not exists (select from pipi.resources r where r.workspace = i.workspace and r.urn = i.urn)
     returning i.id`,
  )
  return rows.length
}

export interface Ending extends PlacedWorkspace {
  endsAt: Date
  /** Left of the promised time by the ledger's clock, and how long it was in all, milliseconds. */
  leftMs: number
  totalMs: number
  types: string[]
  tries: number
  sinceMs: number
  /** It was taken down since; what still stands holds data, or is needed by what does. */
  taken: boolean
}

/** Live workspaces with a promised end, those that are due first. */
export async function endingWorkspaces(db: Database): Promise<Ending[]> {
  return db.query<Ending>(
    `select ${WHERE}, w.ends_at as "endsAt", extract(epoch from w.ends_at - pipi.ledger_now())::float8 * 1000 as "leftMs",
       extract(epoch from w.ends_at - coalesce(b.at, w.created_at))::float8 * 1000 as "totalMs",
       array(select distinct r.type from pipi.resources r where r.workspace = w.id order by 1) as types, t.tries, t.since as "sinceMs", t.taken
     from pipi.workspaces w ${LAST}
     cross join lateral (select max(d.accepted_at) as at from pipi.deployments d where d.workspace = w.id and d.kind in ('deploy', 'rollback') and d.ends_at is not null) b
     cross join lateral (select count(*)::int as tries, coalesce(extract(epoch from clock_timestamp() - max(d.finished_at)) * 1000, 0)::float8 as since, coalesce(bool_or(d.status = 'succeeded'), false) as taken
       from pipi.deployments d where d.workspace = w.id and d.kind = 'destroy' and d.requested_by = 'platform' and d.finished_at is not null and d.accepted_at > coalesce(b.at, w.created_at)) t
     where w.live and w.ends_at is not null and w.ends_at - pipi.ledger_now() < interval '1 day'
       and not exists (select from pipi.deployments d where d.workspace = w.id and d.kind = 'destroy' and d.finished_at is null)
     order by w.ends_at, w.id limit 200`,
  )
}

/** Credits whose last day is over and of which nobody was told yet. */
export async function expiredCredits(
  db: Database,
): Promise<{ id: string; cloudAccount: string; usd: number; expires: Date }[]> {
  return db.query(
    `select k.id, k.cloud_account as "cloudAccount", k.usd::float8 as usd, k.expires_at as expires from pipi.credits k
     where k.withdrawn_at is null and k.expires_at <= pipi.ledger_now()
       and not exists (select from pipi.told t where t.subject = k.id and t.event = 'credit.expired') order by k.id`,
  )
}
