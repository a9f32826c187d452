import { randomBytes } from 'node:crypto'
import { manifestSchema } from '../../engines/contract/manifest.ts'
import type { EngineTruth, Order } from '../../factory/contract/truth.ts'
import { type AcceptRequest, accept } from '../../platform/store/accept.ts'
import { openAccount } from '../../platform/store/account.ts'
import { assign } from '../../platform/store/assign.ts'
import { openCloudAccount } from '../../platform/store/cloud-account.ts'
import type { Deployment } from '../../platform/store/deployment.ts'
import { type EngineAccess, engineAccess } from '../../platform/store/engine-access.ts'
import { engineKey } from '../../platform/store/engine-key.ts'
import { openEngineTruth } from '../../platform/store/engine-truth.ts'
import type { Database } from '../../platform/store/open.ts'
import { type StatedMeter, seedMeters } from '../../platform/store/seed-meters.ts'

export interface TestTruth {
  account: string
  cloudAccount: string
  access: EngineAccess
  request(over?: Partial<AcceptRequest>): AcceptRequest
  /** Accepted and assigned. */
  assigned(over?: Partial<AcceptRequest>): Promise<Deployment>
  /** A clone's truth; closed by `close`. */
  engine(clone: string, leaseMs?: number): EngineTruth
  /** Accepted, assigned and taken by a clone. */
  taken(engine: EngineTruth, over?: Partial<AcceptRequest>): Promise<Order>
  close(): Promise<void>
}

/** An account with one cloud account at one engine, its meters, and clones' ways in. */
export async function openTestTruth(
  db: Database,
  meters: StatedMeter[],
  options: { engine?: string; consentWatched?: boolean } = {},
): Promise<TestTruth> {
  const code = options.engine ?? 'aws'
  const suffix = randomBytes(4).toString('hex')
  const { id: account } = await openAccount(db, `tester-${suffix}`)
  const cloudAccount = `cloud-${suffix}`
  await openCloudAccount(db, account, {
    id: cloudAccount,
    engine: code,
    plan: 'always-free',
    consentWatched: options.consentWatched ?? false,
  })
  await seedMeters(db, cloudAccount, meters)
  const access = await engineAccess(db, code)
  const opened: EngineTruth[] = []
  const request = (over: Partial<AcceptRequest> = {}): AcceptRequest => ({
    account,
    kind: 'deploy',
    workspaceName: `ws-${randomBytes(4).toString('hex')}`,
    manifest: manifestSchema.parse({ apiVersion: 'pipi/v1', name: 'ws', components: [{ name: 'site', kind: 'site' }] }),
    source: { kind: 'upload', digest: 'a'.repeat(64) },
    engine: code,
    region: 'eu-1',
    cloudAccount,
    ...over,
  })
  const assigned = async (over: Partial<AcceptRequest> = {}) => {
    const { deployment } = await accept(db, request(over))
    if (!(await assign(db, deployment.id))) throw new Error(`${deployment.id} was not assigned`)
    return deployment
  }
  return {
    account,
    cloudAccount,
    access,
    request,
    assigned,
    engine: (clone, leaseMs = 60_000) => {
      const truth = openEngineTruth({ url: access.url, clone, key: engineKey(Buffer.alloc(32, 1), code), leaseMs })
      opened.push(truth)
      return truth
    },
    taken: async (engine, over) => {
      const order = await engine.take((await assigned(over)).id)
      if (!order) throw new Error('the deployment was not taken')
      return order
    },
    close: async () => {
      await Promise.all(opened.map((truth) => truth.close()))
    },
  }
}
