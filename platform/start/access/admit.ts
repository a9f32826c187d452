import { PipiError } from '../../../catalog/errors.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import type { Log } from '../../log.ts'
import { type Claim, claimsToAdmit, refuseClaim } from '../../store/claims.ts'
import { cloudAccountTerms, linkCloudAccount, markArmed } from '../../store/cloud-account.ts'
import type { Database } from '../../store/open.ts'
import { openLedger } from '../ledger.ts'

export interface AdmitOptions {
  db: Database
  engines: ReadonlyMap<string, Engine>
  catalogFolder: string
  /** Makes what is to be looked at there due as often as it is elsewhere. */
  watch(engine: Engine, cloudAccount: string): Promise<void>
  log: Log
}

/**
 * Lets accounts use the cloud accounts of which the platform itself has confirmed that their credentials are. One that
 * others use already is one and the same, with one ledger and the terms that it has: nobody changes those by bringing
 * credentials. True when there was one.
 */
export async function admitClaims(options: AdmitOptions): Promise<boolean> {
  let done = false
  for (const claim of await claimsToAdmit(options.db)) {
    try {
      await admit(options, claim)
      done = true
    } catch (error) {
      // One that cannot be let in keeps no other out.
      const { message } = PipiError.from(error)
      options.log('error', `an account cannot be let in at ${claim.engine}: ${message}`, { account: claim.account })
    }
  }
  return done
}

async function admit({ db, engines, catalogFolder, watch, log }: AdmitOptions, claim: Claim): Promise<void> {
  const engine = engines.get(claim.engine)
  if (engine === undefined) return
  const known = await cloudAccountTerms(db, claim.cloudAccount)
  const against = known && whyNot(claim, known)
  if (against !== undefined) {
    await refuseClaim(db, claim, { what: 'account', ok: false, why: against })
    return
  }
  if (known === undefined) {
    const { cloudAccount: id, plan, consentWatched } = claim
    await openLedger(db, claim.account, engine, { id, engine: claim.engine, plan, consentWatched }, catalogFolder)
    await markArmed(db, id, claim)
  } else await linkCloudAccount(db, claim.account, claim.cloudAccount)
  await watch(engine, claim.cloudAccount)
  log('info', `an account is let in at ${claim.engine}`, { account: claim.account, cloudAccount: claim.cloudAccount })
}

function whyNot(claim: Claim, known: { engine: string; plan: string }): string | undefined {
  if (known.engine !== claim.engine) return `"${claim.cloudAccount}" is known as an account at ${known.engine}`
  if (known.plan !== claim.plan)
    return `${claim.cloudAccount} is on the plan "${known.plan}" here, claimed is "${claim.plan}"`
  return undefined
}
