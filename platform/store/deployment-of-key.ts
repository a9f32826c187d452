import { PipiError } from '../../catalog/errors.ts'
import type { Deployment } from './deployment.ts'
import { readDeployment } from './get-deployment.ts'
import type { Database } from './open.ts'

/**
 * The deployment that an idempotency key stands for already, before anything is judged anew: the answer stays the same
 * even if the world has changed since. Undefined for a new key; throws `conflict.key` when it came with another request.
 */
export async function deploymentOfKey(
  db: Database,
  account: string,
  key: string,
  digest: string,
): Promise<Deployment | undefined> {
  const [row] = await db.query<{ id: string; digest: string }>(
    'select id, body_digest as digest from pipi.deployments where account = $1 and idempotency_key = $2',
    [account, key],
  )
  if (!row) return undefined
  if (row.digest !== digest) {
    throw new PipiError('conflict.key', `the idempotency key was used for deployment ${row.id} with another request`, {
      hint: 'send a new key with a new request',
    })
  }
  return readDeployment(db, account, row.id)
}
