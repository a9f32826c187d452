import { createHash } from 'node:crypto'
import type { EngineFacts } from '../../../platform/commander/engine-facts.ts'
import type { IntakeContext, IntakeRequest } from '../../../platform/commander/intake-context.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { openCloudAccount } from '../../../platform/store/cloud-account.ts'
import type { Database } from '../../../platform/store/open.ts'
import { putUpload } from '../../../platform/store/upload.ts'

export const BYTES = Buffer.from('a source')
export const DIGEST = createHash('sha256').update(BYTES).digest('hex')

export const MANIFEST = `apiVersion: pipi/v1
name: good
components:
  - name: web
    kind: site
`

/** Two engines: `abc` carries everything, `xyz` sites only; a third, `ccc`, has no account here. */
export const ENGINES: EngineFacts[] = [
  facts('abc', ['site', 'service']),
  facts('xyz', ['site']),
  { ...facts('ccc', ['site']), cloudAccount: { ok: false, reason: 'not set: CCC_TOKEN', hint: 'set it' } },
]

function facts(code: string, kinds: EngineFacts['kinds']): EngineFacts {
  return {
    code,
    name: `Cloud ${code}`,
    regions: ['north', 'south'],
    kinds,
    noCarrier: kinds.includes('service') ? {} : { service: 'nothing computes for free' },
    plans: [
      { id: 'free', selfStops: false },
      { id: 'walled', selfStops: true },
    ],
    guardRails: code === 'abc',
    cloudAccount: { ok: true, id: `${code}-account`, plan: 'free' },
  }
}

export interface Stage {
  account: string
  context: IntakeContext
  request(change?: Partial<IntakeRequest>): IntakeRequest
}

/** An account with cloud accounts at two engines, and one upload. */
export async function openStage(db: Database, name = 'owner'): Promise<Stage> {
  const { id: account } = await openAccount(db, name)
  for (const engine of ['abc', 'xyz']) {
    await openCloudAccount(db, account, { id: `${engine}-account`, engine, plan: 'free', consentWatched: false })
  }
  await putUpload(db, account, DIGEST, BYTES)
  return {
    account,
    context: { db, engines: ENGINES, roomOf: async () => () => ({ share: 1 }) },
    request: (change = {}) => ({
      kind: 'deploy',
      manifest: MANIFEST,
      source: { kind: 'upload', digest: DIGEST },
      engine: 'abc',
      account,
      local: false,
      by: 'token',
      ...change,
    }),
  }
}
