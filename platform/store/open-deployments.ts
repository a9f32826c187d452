import type { Status } from '../../factory/contract/status.ts'
import type { DeploymentKind } from '../../factory/contract/truth.ts'
import type { Database } from './open.ts'

/** A deployment that is not final, in its place. */
export interface OpenDeployment {
  /** Among all that wait for the same engine, from 1; null once an engine works on it. */
  position: number | null
  id: string
  workspace: string
  kind: DeploymentKind
  engine: string
  status: Status
  attempt: number
  waitingFor: string | null
  /** Since it was accepted, by the database's clock. */
  waitedMs: number
}

/** Everything of an account that is under way: what is worked on first, then what waits, in its order. */
export async function openDeployments(db: Database, account: string): Promise<OpenDeployment[]> {
  return db.query<OpenDeployment>(
    `select case when o.waits then o.place end as position, o.id, o.workspace_name as workspace, o.kind, o.engine, o.status, o.attempt,
       coalesce(case when o.before is not null then 'an earlier deployment of this workspace (' || o.before || ')' end, o.waiting_for,
         case when o.waits then 'its turn' when o.status = 'awaiting-approval' then 'an approval' end) as "waitingFor", o."waitedMs"
     from (
       select d.*, w.name as workspace_name, d.status in ('accepted', 'assigned') and not coalesce(l.holder is not null, false) as waits,
         row_number() over (partition by d.engine, d.status in ('accepted', 'assigned') and not coalesce(l.holder is not null, false) order by d.accepted_at, d.id)::int as place,
         (select e.id from pipi.deployments e where e.workspace = d.workspace and e.position < d.position and e.finished_at is null order by e.position limit 1) as before,
         extract(epoch from clock_timestamp() - d.accepted_at)::float8 * 1000 as "waitedMs"
       from pipi.deployments d join pipi.workspaces w on w.id = d.workspace
       left join pipi.leases l on l.workspace = d.workspace and l.deployment = d.id
       where d.finished_at is null
     ) o
     where o.account = $1 order by o.waits, o.engine, o.place`,
    [account],
  )
}
