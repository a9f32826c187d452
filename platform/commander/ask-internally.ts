import type { DeploymentKind } from '../../factory/contract/truth.ts'
import { accept } from '../store/accept.ts'
import type { Deployment } from '../store/deployment.ts'
import type { Database } from '../store/open.ts'
import type { PlacedWorkspace } from '../store/placed-workspace.ts'

/**
 * A deployment that the platform itself asks for, on what stands. `reason` names the occasion: whoever asks twice for
 * the same one, also another platform at the same moment, gets the same deployment.
 */
export async function askInternally(
  db: Database,
  workspace: PlacedWorkspace,
  kind: DeploymentKind,
  reason: string,
): Promise<Deployment> {
  const { deployment } = await accept(db, {
    account: workspace.account,
    kind,
    workspaceName: workspace.name,
    engine: workspace.engine,
    region: workspace.region,
    cloudAccount: workspace.cloudAccount,
    by: 'platform',
    key: `platform ${kind} ${workspace.id} ${reason}`,
  })
  return deployment
}
