import type { Status } from '../../factory/contract/status.ts'
import { DEPLOYMENT_COLUMNS, type Deployment, type DeploymentRow, toDeployment } from './deployment.ts'
import type { Database } from './open.ts'

export interface DeploymentFilter {
  account: string
  /** Name or id of a workspace. */
  workspace?: string | undefined
  status?: Status | undefined
  /** Only those that are not final yet. */
  open?: boolean | undefined
  /** From an earlier page: what follows it. */
  cursor?: string | undefined
  /** 1 to 200. */
  limit?: number | undefined
}

/** Newest first. `next` is the cursor of the following page, when there is one. */
export async function listDeployments(
  db: Database,
  filter: DeploymentFilter,
): Promise<{ items: Deployment[]; next?: string }> {
  const limit = Math.min(Math.max(filter.limit ?? 50, 1), 200)
  const rows = await db.query<DeploymentRow>(
    `select ${DEPLOYMENT_COLUMNS} from pipi.deployments d join pipi.workspaces w on w.id = d.workspace
     where d.account = $1 and ($2::text is null or w.name = $2 or w.id = $2) and ($3::text is null or d.status = $3)
       and (not $4::boolean or d.finished_at is null) and ($5::text is null or d.id < $5)
     order by d.id desc limit $6`,
    [
      filter.account,
      filter.workspace ?? null,
      filter.status ?? null,
      filter.open ?? false,
      filter.cursor ?? null,
      limit + 1,
    ],
  )
  const items = rows.slice(0, limit).map(toDeployment)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, next: last.id } : { items }
}
