import { createHmac } from 'node:crypto'
import { type Engine, waysOf } from '../../../engines/contract/engine.ts'
import { type Claim, dropClaim, findClaim, keepClaim } from '../../store/claims.ts'
import { engineKey } from '../../store/engine-key.ts'
import type { Database } from '../../store/open.ts'
import { sealForEngine } from '../../store/secret-seal.ts'
import type { OpenedAccount } from '../cloud-accounts.ts'

/**
 * Writes down what is claimed now: whose credentials these are said to be, and the credentials themselves, sealed for the
 * engine. What is short-lived makes no other claim. Undefined, and nothing is left of it, where nothing usable is given,
 * but for a short-lived token that is just written anew.
 */
export async function writeClaim(
  db: Database,
  masterKey: Uint8Array,
  given: { engine: Engine; account: string; own: boolean; opened: OpenedAccount },
): Promise<Claim | undefined> {
  const { engine, account, own, opened } = given
  const { code } = engine.dna
  // Watches go on with what they have, and nothing has to be confirmed again.
  if (!opened.ok && opened.passing === true) return findClaim(db, account, code, own)
  if (!opened.ok || waysOf(engine.dna).length === 0) {
    await dropClaim(db, account, code, own)
    return undefined
  }
  const { account: cloud, given: credentials } = opened
  const { way = '', values, fleeting } = credentials
  const lasting = Object.entries(values).filter(([key]) => !fleeting.includes(key))
  const said = [code, way, cloud.id, cloud.plan, lasting]
  await keepClaim(db, {
    ...{ account, engine: code, own, way, cloudAccount: cloud.id, plan: cloud.plan },
    consentWatched: cloud.consentWatched,
    digest: digestOf(masterKey, said),
    content: digestOf(masterKey, [said, cloud.consentWatched, values]),
    seal: () => sealForEngine(engineKey(masterKey, code), `${account} ${code} ${own ? 'own' : 'platform'}`, values),
  })
  return findClaim(db, account, code, own)
}

function digestOf(masterKey: Uint8Array, said: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    createHmac('sha256', masterKey)
      .update(`pipi claim ${JSON.stringify(said)}`)
      .digest(),
  )
}
