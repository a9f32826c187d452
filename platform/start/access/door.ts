import { type Engine, waysOf } from '../../../engines/contract/engine.ts'
import type { DeploymentKind, Refusal } from '../../../factory/contract/truth.ts'
import type { Claim } from '../../store/claims.ts'
import { findCloudAccount } from '../../store/cloud-account-state.ts'
import { engineKey } from '../../store/engine-key.ts'
import type { Database } from '../../store/open.ts'
import { credentialsOf, sealForEngine } from '../../store/secret-seal.ts'
import type { OpenedAccount } from '../cloud-accounts.ts'
import type { OwnSet } from './own-sets.ts'
import { disowned, whyNot } from './why-not.ts'

export type Door =
  /** Sealed for the deployment's engine; missing where nobody has to be let in. */
  { open: true; credentials?: Uint8Array } | { open: false; wait: string } | { open: false; refusal: Refusal }

/** What a door is made of, read anew each time. */
export interface Hinges {
  db: Database
  masterKey: Uint8Array
  owner: string
  mayShare(account: string): boolean
  setOf(account: string, engine: string): Promise<OwnSet | undefined>
  openOwn(engine: Engine, account: string, set: OwnSet): Promise<OpenedAccount>
  openPlatforms(engine: Engine): Promise<OpenedAccount>
  claimOf(engine: Engine, account: string, own: boolean, opened: OpenedAccount): Promise<Claim | undefined>
}

export interface Knocking {
  id: string
  account: string
  cloudAccount: string
  kind: DeploymentKind
}

/**
 * What a deployment is let in with: its account's own, else the platform's own; never another account's. What will be
 * right by itself is waited for. To stand still passes with credentials that are those of the cloud account, whatever else
 * speaks against them: just then it may be what keeps a bill away.
 */
export async function doorOf(engine: Engine, hinges: Hinges, knocking: Knocking): Promise<Door> {
  const { id, account, cloudAccount, kind } = knocking
  const { name, code } = engine.dna
  if (waysOf(engine.dna).length === 0) return { open: true }
  const letIn = (opened: OpenedAccount): Door => ({
    open: true,
    credentials: sealForEngine(engineKey(hinges.masterKey, code), credentialsOf(id), opened.given.values),
  })
  const shut = (reason: string, hint: string, as: Refusal['code'] = 'not-allowed'): Door => ({
    open: false,
    refusal: { code: as, message: `${name} (${cloudAccount}) lets nobody in: ${reason}`, hint },
  })
  const wait = (why: string): Door => ({ open: false, wait: `${name} ${why}` })

  const set = await hinges.setOf(account, code)
  if (set !== undefined) {
    const opened = await hinges.openOwn(engine, account, set)
    const claim = await hinges.claimOf(engine, account, true, opened)
    // What is wrong with an account's own is never made good by somebody else's.
    if (!opened.ok)
      return opened.passing ? wait(`to be let in again: ${opened.reason}`) : shut(opened.reason, opened.hint)
    if (claim?.cloudAccount === cloudAccount) {
      if (claim.armed === true || (kind === 'suspend' && claim.armed === false && !disowned(claim)))
        return letIn(opened)
      if (claim.armed === undefined && engine.watch.check !== undefined)
        return wait(
          `to confirm that the credentials are of ${cloudAccount}${claim.error === undefined ? '' : `: ${claim.error.message}`}`,
        )
      const against = whyNot(engine, claim, false)
      return shut(against?.reason ?? '', against?.hint ?? '', 'account.mismatch')
    }
  }
  const none = () => shut('this account has no credentials for it', `./pipi account credentials set ${code}`)
  if (!hinges.mayShare(account)) return none()
  const platforms = await hinges.openPlatforms(engine)
  if (!platforms.ok) {
    // What is wrong with the platform's own is told to its owner alone.
    if (platforms.passing) return wait(`to be let in again${account === hinges.owner ? `: ${platforms.reason}` : ''}`)
    return account === hinges.owner ? shut(platforms.reason, platforms.hint) : none()
  }
  if (platforms.account.id !== cloudAccount) return none()
  const claim = await hinges.claimOf(engine, hinges.owner, false, platforms)
  if (engine.watch.check !== undefined && claim?.changedAt !== undefined) {
    const known = await findCloudAccount(hinges.db, account, cloudAccount)
    if (known?.checkedAt === undefined || Date.parse(known.checkedAt) < claim.changedAt.getTime())
      return wait(`to confirm that the platform's credentials are still of ${cloudAccount}`)
  }
  return letIn(platforms)
}
