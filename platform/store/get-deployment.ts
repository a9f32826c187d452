import { PipiError } from '../../catalog/errors.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import type { OrderSource } from '../../factory/contract/truth.ts'
import { DEPLOYMENT_COLUMNS, type Deployment, type DeploymentRow, toDeployment } from './deployment.ts'
import type { Database, Queryable } from './open.ts'

/** Undefined when the account has no such deployment. */
export async function getDeployment(db: Database, account: string, id: string): Promise<Deployment | undefined> {
  const rows = await select(db, account, id)
  return rows[0] && toDeployment(rows[0])
}

/** As `getDeployment`, throwing `not-found`; also inside a transaction. */
export async function readDeployment(on: Queryable, account: string, id: string): Promise<Deployment> {
  const [row] = await select(on, account, id)
  if (!row) throw new PipiError('not-found', `there is no deployment ${id}`, { hint: 'see ./pipi list' })
  return toDeployment(row)
}

/** What a deployment was asked with; for the commander, which serves all accounts. */
export async function getRequest(
  db: Database,
  id: string,
): Promise<{ account: string; manifest: Manifest; source: OrderSource } | undefined> {
  const [row] = await db.query<{ account: string; manifest: Manifest; source: OrderSource }>(
    'select account, manifest, source from pipi.deployments where id = $1',
    [id],
  )
  return row
}

function select(on: Queryable, account: string, id: string): Promise<DeploymentRow[]> {
  return on.query<DeploymentRow>(
    `select ${DEPLOYMENT_COLUMNS} from pipi.deployments d join pipi.workspaces w on w.id = d.workspace where d.account = $1 and d.id = $2`,
    [account, id],
  )
}
