import type { Deployment } from '../store/deployment.ts'
import { readDeployment } from '../store/get-deployment.ts'
import type { Database } from '../store/open.ts'
import { requestCancel } from '../store/request-cancel.ts'

/** Nobody has begun: it ends now. Else its engine hears of it with the next renewal of the lease, and ends when that is safe. */
export async function cancel(db: Database, account: string, id: string, by: string): Promise<Deployment> {
  await requestCancel(db, account, id, by)
  return readDeployment(db, account, id)
}
