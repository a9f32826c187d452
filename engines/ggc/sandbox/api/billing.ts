import type { ApiCall, ApiReply, World } from '../../../../stacks/contract/sandbox.ts'
import { projectOf } from '../identify.ts'
import { ok, refused } from './reply.ts'

const DENIED = refused(403, 'PERMISSION_DENIED', 'The caller does not have permission')

/** Which billing account pays for the project, and whether it is open. */
export async function billing({ path }: ApiCall, { cloudAccount }: World): Promise<ApiReply> {
  const projectId = projectOf(cloudAccount)
  if (path === `/v1/projects/${projectId}/billingInfo`)
    return ok({
      name: `projects/${projectId}/billingInfo`,
      projectId,
      billingAccountName: `billingAccounts/${cloudAccount}`,
      billingEnabled: true,
    })
  if (path === `/v1/billingAccounts/${cloudAccount}`)
    return ok({ name: `billingAccounts/${cloudAccount}`, open: true, displayName: 'Sandbox' })
  return DENIED
}

/** Budgets of the billing account. */
export async function budgets({ path }: ApiCall, world: World): Promise<ApiReply> {
  if (path !== `/v1/billingAccounts/${world.cloudAccount}/budgets`) return DENIED
  const budgets = (await world.list('gcp:billing/budget:Budget')).map((one) => ({
    name: `billingAccounts/${world.cloudAccount}/budgets/${one.id}`,
    displayName: one.inputs.displayName,
  }))
  return ok({ budgets })
}
