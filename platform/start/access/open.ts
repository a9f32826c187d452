import { PipiError } from '../../../catalog/errors.ts'
import { type Engine, waysOf } from '../../../engines/contract/engine.ts'
import type { EngineFacts } from '../../commander/engine-facts.ts'
import type { Log } from '../../log.ts'
import { dropOtherClaims, findClaim } from '../../store/claims.ts'
import { linkCloudAccount } from '../../store/cloud-account.ts'
import { findCloudAccount } from '../../store/cloud-account-state.ts'
import { confirmedTerms } from '../../store/confirmed-terms.ts'
import type { Database } from '../../store/open.ts'
import { type OpenedAccount, openAccountAt } from '../cloud-accounts.ts'
import { type AdmitOptions, admitClaims } from './admit.ts'
import { type Door, doorOf, type Hinges, type Knocking } from './door.ts'
import { accessFacts, closed } from './facts-with.ts'
import { type OwnSet, ownSets } from './own-sets.ts'
import { whyNot } from './why-not.ts'
import { withoutPaths } from './without-paths.ts'
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

/** Whose credentials open which platform, for the commander. Everything is read anew each time: what was rotated holds at once. */
export interface Access {
  /** The engines as an account may use them. */
  factsFor(account: string): Promise<readonly EngineFacts[]>
  /** What a deployment is let in with: its account's own, else the platform's own; never another account's. */
  doorFor(deployment: Knocking & { engine: string }): Promise<Door>
  /** Looks at all that was given, so that watches look with what is newest. True when an account was let in. */
  refresh(): Promise<boolean>
  /** Lets in whom the platform has confirmed. */
  admit(): Promise<boolean>
}

export function openAccess(options: AccessOptions): Access {
  const { db, engines, masterKey, owner, sandbox } = options

  async function accountNamed(id: string): Promise<{ id: string; name: string }> {
    const [row] = await db.query<{ name: string }>('select name from pipi.accounts where id = $1', [id])
    return { id, name: row?.name ?? '' }
  }

  const letsIn = (code: string) => waysOf(engines.get(code)?.dna ?? { credentials: [] }).length > 0
  const codes = [...engines.keys()].filter(letsIn)
  const setsOf = async (account: string) => ownSets(db, masterKey, await accountNamed(account), options.folder, codes)

  /** What an account's own set opens; what its owner confirmed of a cloud account is told to nobody else. */
  async function openOwn(engine: Engine, account: string, set: OwnSet): Promise<OpenedAccount> {
    const opened = await openSet(engine, account, set)
    return account === owner ? opened : withoutPaths(opened, options.folder)
  }

  async function openSet(engine: Engine, account: string, set: OwnSet): Promise<OpenedAccount> {
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

  const hinges: Hinges = {
    ...{ db, masterKey, owner, openOwn, openPlatforms, claimOf },
    mayShare: (account) => account === owner || options.shared,
    setOf: async (account, engine) => (await setsOf(account)).get(engine),
  }

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

  async function refreshOwn(account: string): Promise<void> {
    const sets = await setsOf(account)
    await dropOtherClaims(db, account, [...sets.keys()])
    for (const [code, set] of sets) {
      const engine = engines.get(code)
      if (engine !== undefined) await claimOf(engine, account, true, await openOwn(engine, account, set))
    }
  }

  /** One set that cannot be looked at keeps no other from being. */
  async function told(whose: string, look: () => Promise<void>): Promise<void> {
    try {
      await look()
    } catch (error) {
      options.log('warn', `could not look at credentials (${whose}): ${PipiError.from(error).message}`)
    }
  }

  return {
    async factsFor(account) {
      const sets = await setsOf(account)
      return Promise.all(
        options.facts.map(async (facts) => {
          const set = sets.get(facts.code)
          if (set !== undefined) return factsWith(facts, account, set)
          if (account === owner) return facts
          if (options.shared && facts.cloudAccount.ok) {
            await linkCloudAccount(db, account, facts.cloudAccount.id)
            return facts
          }
          if (!letsIn(facts.code))
            return closed(facts, 'it is the platform’s own, and shared with nobody', 'ask the owner of the platform')
          // What is wrong with the platform's own, and where that is mended, is told to its owner alone.
          return closed(
            facts,
            'this account has no credentials of its own for it',
            `./pipi account credentials set ${facts.code}`,
          )
        }),
      )
    },

    async doorFor(deployment) {
      const engine = engines.get(deployment.engine)
      return engine === undefined ? { open: true } : doorOf(engine, hinges, deployment)
    },

    async refresh() {
      for (const engine of engines.values()) {
        if (waysOf(engine.dna).length === 0) continue
        await told(`the platform's own at ${engine.dna.code}`, async () => {
          await claimOf(engine, owner, false, await openPlatforms(engine))
        })
      }
      const accounts = await db.query<{ id: string }>('select id from pipi.accounts order by id')
      for (const { id } of accounts) await told(`those of ${id}`, () => refreshOwn(id))
      return admitClaims(options)
    },

    admit: () => admitClaims(options),
  }
}
