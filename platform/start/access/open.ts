import { PipiError } from '../../../catalog/errors.ts'
import { type Engine, waysOf } from '../../../engines/contract/engine.ts'
import type { Refusal } from '../../../factory/contract/truth.ts'
import type { EngineFacts } from '../../commander/engine-facts.ts'
import type { Log } from '../../log.ts'
import { dropClaim, findClaim } from '../../store/claims.ts'
import { linkCloudAccount } from '../../store/cloud-account.ts'
import { findCloudAccount } from '../../store/cloud-account-state.ts'
import { confirmedTerms } from '../../store/confirmed-terms.ts'
import { engineKey } from '../../store/engine-key.ts'
import type { Database } from '../../store/open.ts'
import { credentialsOf, sealForEngine } from '../../store/secret-seal.ts'
import { type OpenedAccount, openAccountAt } from '../cloud-accounts.ts'
import { type AdmitOptions, admitClaims } from './admit.ts'
import { accessFacts, closed } from './facts-with.ts'
import { type OwnSet, ownSets } from './own-sets.ts'
import { whyNot } from './why-not.ts'
import { writeClaim } from './write-claim.ts'

export interface AccessOptions extends Omit<AdmitOptions, 'log'> {
  db: Database
  log: Log
  /** What the platform's own credentials gave at its start. */
  facts: readonly EngineFacts[]
  masterKey: Uint8Array
  /** The account that the platform's own credentials belong to. */
  owner: string
  sandbox: boolean
  /** The folder of accounts' own credentials. */
  folder: string
  /** Accounts without credentials of their own are let in with the platform's. */
  shared: boolean
}

export type Door =
  /** Sealed for the deployment's engine; missing where nobody has to be let in. */
  { open: true; credentials?: Uint8Array } | { open: false; wait: string } | { open: false; refusal: Refusal }

/** Whose credentials open which platform, for the commander. Everything is read anew each time: what was rotated holds at once. */
export interface Access {
  /** The engines as an account may use them. */
  factsFor(account: string): Promise<readonly EngineFacts[]>
  /** What a deployment is let in with: its account's own, else the platform's own; never another account's. */
  doorFor(deployment: { id: string; account: string; engine: string; cloudAccount: string }): Promise<Door>
  /** Looks at all that was given, so that watches look with what is newest. True when an account was let in. */
  refresh(): Promise<boolean>
  /** Lets in whom the platform has confirmed. */
  admit(): Promise<boolean>
}

export function openAccess(options: AccessOptions): Access {
  const { db, engines, masterKey, owner, sandbox } = options
  const mayShare = (account: string) => account === owner || options.shared

  async function accountNamed(id: string): Promise<{ id: string; name: string }> {
    const [row] = await db.query<{ name: string }>('select name from pipi.accounts where id = $1', [id])
    return { id, name: row?.name ?? '' }
  }

  const setsOf = async (account: string) => ownSets(db, masterKey, await accountNamed(account), options.folder)

  /** What an account's own set opens; what its owner confirmed of a cloud account is told to nobody else. */
  async function openOwn(engine: Engine, account: string, set: OwnSet): Promise<OpenedAccount> {
    const nothing = { states: [], values: {}, fleeting: [], others: [] }
    if ('problem' in set) return { ok: false, given: nothing, reason: set.problem, hint: set.hint }
    const confirmed = async (id: string) => ((await findCloudAccount(db, account, id)) ? confirmedTerms(db, id) : {})
    try {
      return await openAccountAt(engine, sandbox, confirmed, set)
    } catch (error) {
      const { problems, message } = PipiError.from(error)
      const reason = problems.map((one) => one.message).join('; ') || message
      return { ok: false, given: nothing, reason, hint: set.hint }
    }
  }

  const openPlatforms = (engine: Engine) => openAccountAt(engine, sandbox, (id) => confirmedTerms(db, id))

  const claimOf = (engine: Engine, account: string, own: boolean, opened: OpenedAccount) =>
    writeClaim(db, masterKey, { engine, account, own, opened })

  async function factsWith(facts: EngineFacts, account: string, set: OwnSet): Promise<EngineFacts> {
    const engine = engines.get(facts.code)
    if (engine === undefined) return facts
    const opened = await openOwn(engine, account, set)
    const claim = await claimOf(engine, account, true, opened)
    const access = accessFacts(opened)
    if (!opened.ok) return closed(facts, opened.reason, opened.hint, access)
    if (claim?.armed === true) await admitClaims(options)
    const linked = await findCloudAccount(db, account, opened.account.id)
    const against = whyNot(engine, (await findClaim(db, account, facts.code, true)) ?? claim, linked !== undefined)
    return against === undefined ? { ...facts, ...access } : closed(facts, against.reason, against.hint, access)
  }

  return {
    async factsFor(account) {
      const sets = await setsOf(account)
      return Promise.all(
        options.facts.map(async (facts) => {
          const set = sets.get(facts.code)
          if (set !== undefined) return factsWith(facts, account, set)
          if (account === owner || !facts.cloudAccount.ok) return facts
          if (options.shared) {
            await linkCloudAccount(db, account, facts.cloudAccount.id)
            return facts
          }
          return closed(
            facts,
            'this account has no credentials of its own for it',
            `./pipi account credentials set ${facts.code}`,
          )
        }),
      )
    },

    async doorFor({ id, account, engine: code, cloudAccount }) {
      const engine = engines.get(code)
      if (engine === undefined || waysOf(engine.dna).length === 0) return { open: true }
      const letIn = (opened: OpenedAccount): Door => ({
        open: true,
        credentials: sealForEngine(engineKey(masterKey, code), credentialsOf(id), opened.given.values),
      })
      const set = (await setsOf(account)).get(code)
      if (set !== undefined) {
        const opened = await openOwn(engine, account, set)
        const claim = await claimOf(engine, account, true, opened)
        // What is wrong with an account's own is never made good by somebody else's.
        if (!opened.ok) return shut(cloudAccount, engine, opened.reason, opened.hint)
        if (claim?.cloudAccount === cloudAccount) {
          if (claim.armed === true) return letIn(opened)
          if (claim.armed === undefined && claim.error === undefined && engine.watch.check !== undefined)
            return { open: false, wait: `${engine.dna.name} to confirm that the credentials are of ${cloudAccount}` }
          const against = whyNot(engine, claim, false)
          return shut(cloudAccount, engine, against?.reason ?? '', against?.hint ?? '', 'account.mismatch')
        }
      }
      const platforms = await openPlatforms(engine)
      if (platforms.ok && platforms.account.id === cloudAccount && mayShare(account)) return letIn(platforms)
      if (!platforms.ok && mayShare(account)) return shut(cloudAccount, engine, platforms.reason, platforms.hint)
      return shut(
        cloudAccount,
        engine,
        'this account has no credentials for it',
        `./pipi account credentials set ${code}`,
      )
    },

    async refresh() {
      for (const engine of engines.values()) {
        if (waysOf(engine.dna).length > 0) await claimOf(engine, owner, false, await openPlatforms(engine))
      }
      const accounts = await db.query<{ id: string }>('select id from pipi.accounts order by id')
      for (const { id } of accounts) {
        const sets = await setsOf(id)
        for (const engine of engines.values()) {
          const set = sets.get(engine.dna.code)
          if (set === undefined) await dropClaim(db, id, engine.dna.code, true)
          else await claimOf(engine, id, true, await openOwn(engine, id, set))
        }
      }
      return admitClaims(options)
    },

    admit: () => admitClaims(options),
  }
}

function shut(
  cloudAccount: string,
  { dna }: Engine,
  reason: string,
  hint: string,
  code: Refusal['code'] = 'not-allowed',
): Door {
  return { open: false, refusal: { code, message: `${dna.name} (${cloudAccount}) lets nobody in: ${reason}`, hint } }
}
