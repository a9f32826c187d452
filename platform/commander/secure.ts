import { createHash } from 'node:crypto'
import { PipiError } from '../../catalog/errors.ts'
import { manifestSchema } from '../../engines/contract/manifest.ts'
import { accept } from '../store/accept.ts'
import { requireTerms } from '../store/cloud-account.ts'
import { findCloudAccount } from '../store/cloud-account-state.ts'
import type { Deployment } from '../store/deployment.ts'
import type { Database } from '../store/open.ts'
import { putUpload } from '../store/upload.ts'
import type { EngineFacts } from './engine-facts.ts'
import { unknownAccount } from './wishes.ts'

/** Names of the workspaces that hold cloud accounts' own walls: nobody deploys anything else under them. */
const PREFIX = 'guard-rails-'

export const isGuardRails = (workspace: string): boolean => workspace.startsWith(PREFIX)

/**
 * Sets a cloud account's own walls (budgets, policies, boundaries) by a deployment of kind `secure`, in a workspace of
 * its own: what it declares is the engine's, so that its source is no more than this sentence. Throws `not-found`,
 * `not-allowed` (closed, or another account's to say), `conflict.state` (this platform lets nothing be set).
 */
export async function secure(
  context: { db: Database; engines: readonly EngineFacts[] },
  asked: { account: string; cloudAccount: string; by: string; key?: string | undefined; email?: string | undefined },
): Promise<Deployment> {
  const { account, by, key, email } = asked
  const cloud = await findCloudAccount(context.db, account, asked.cloudAccount)
  const engine = context.engines.find((one) => one.code === cloud?.engine)
  if (!cloud || !engine) throw unknownAccount(asked.cloudAccount)
  await requireTerms(context.db, account, cloud.id)
  if (!engine.cloudAccount.ok) {
    throw new PipiError('not-allowed', `nothing can be set at ${engine.name}: ${engine.cloudAccount.reason}`, {
      hint: engine.cloudAccount.hint,
    })
  }
  if (!engine.guardRails) {
    throw new PipiError(
      'conflict.state',
      `${engine.name} lets nobody set walls of an account's own${engine.noGuardRails === undefined ? '' : `: ${engine.noGuardRails}`}`,
      {
        hint: `./pipi account check ${engine.code} shows what it does have; the lock, the guard and the kill switch stand without them`,
      },
    )
  }
  const name = `${PREFIX}${engine.code}`
  const source = Buffer.from(`The guard rails of ${engine.name} as its engine declares them.\n`)
  const digest = createHash('sha256').update(source).digest('hex')
  await putUpload(context.db, account, digest, source)
  const { deployment } = await accept(context.db, {
    account,
    kind: 'secure',
    workspaceName: name,
    manifest: manifestSchema.parse({
      apiVersion: 'pipi/v1',
      name,
      title: `Guard rails of ${engine.name}`,
      components: [{ name: 'guard-rails', kind: 'site' }],
      placement: { engine: engine.code },
      // Where the platform's own alarms go.
      ...(email === undefined ? {} : { users: [{ name: 'owner', email, role: 'owner' }] }),
    }),
    source: { kind: 'upload', digest },
    engine: engine.code,
    region: engine.regions[0] as string,
    cloudAccount: cloud.id,
    by,
    ...(key === undefined ? {} : { key }),
  })
  return deployment
}
