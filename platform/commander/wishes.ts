import { PipiError } from '../../catalog/errors.ts'
import type { MetersOfPlan } from '../store/apply-wish.ts'
import { requireTerms } from '../store/cloud-account.ts'
import { type CloudAccountState, findCloudAccount } from '../store/cloud-account-state.ts'
import { confirmProposal } from '../store/confirm-proposal.ts'
import { ledgerNow } from '../store/ledger-clock.ts'
import type { Database, Queryable } from '../store/open.ts'
import type { Proposal, Wish } from '../store/proposal.ts'
import { propose as writeProposal } from '../store/propose.ts'
import type { EngineFacts } from './engine-facts.ts'

export interface WishContext {
  db: Database
  engines: readonly EngineFacts[]
  metersOf: MetersOfPlan
}

/** The two steps, as the API is given them. */
export interface Wishes {
  propose(asked: Asked): Promise<{ proposal: Proposal; before: CloudAccountState }>
  confirm(asked: { account: string; id: string; by: string }): Promise<Proposal>
}

interface Asked {
  account: string
  /** Its platform's id, or the engine's code. */
  cloudAccount: string
  wish: Wish
  /** Id of the caller's token. */
  by: string
}

export function openWishes(context: WishContext): Wishes {
  return {
    propose: (asked) => propose(context, asked),
    confirm: (asked) => context.db.transaction((tx) => confirmProposal(tx, asked, context.metersOf)),
  }
}

/** How long the owner may let facts past their date be used, milliseconds. */
const STALE_AT_MOST_MS = 30 * 86_400_000

/**
 * What an owner wants of a cloud account. What opens it wider is written down and waits to be confirmed; what closes it
 * further holds at once. Throws `not-found` (also for one that the account does not use), `not-allowed` (it only uses it),
 * `input.invalid`, `conflict.state` (the environment has the say).
 */
async function propose(context: WishContext, asked: Asked): Promise<{ proposal: Proposal; before: CloudAccountState }> {
  const { account, wish, by } = asked
  return context.db.transaction(async (tx) => {
    const before = await findCloudAccount(tx, account, asked.cloudAccount, true)
    if (!before) throw unknownAccount(asked.cloudAccount)
    await requireTerms(tx, account, before.id)
    await judge(tx, context, before, wish)
    const proposal = await writeProposal(tx, { account, cloudAccount: before.id, wish, by })
    if (!closesFurther(wish, before)) return { proposal, before }
    return { proposal: await confirmProposal(tx, { account, id: proposal.id, by }, context.metersOf), before }
  })
}

export function unknownAccount(name: string): PipiError {
  return new PipiError('not-found', `you use no cloud account "${name}"`, {
    hint: './pipi account ls shows them, by the engine and by the id its platform gave',
  })
}

/** Whether it takes nothing more than one word: less money, less trust, a harder switch. */
export function closesFurther(wish: Wish, now: CloudAccountState): boolean {
  switch (wish.what) {
    case 'budget':
      return wish.value.usdPerMonth <= now.budget.limit
    case 'credit':
      return false
    case 'watched':
      return !wish.value.agreed || now.consentWatched
    case 'stale':
      return wish.value.until === null || (now.staleUntil !== undefined && wish.value.until <= now.staleUntil)
    case 'plan':
      return wish.value.plan === now.plan
    case 'switch':
      return wish.value.reopens === 'by-hand' || wish.value.reopens === now.reopens
    case 'on-burn':
      return wish.value.do === 'suspend' || wish.value.do === now.onBurn
  }
}

async function judge(tx: Queryable, context: WishContext, now: CloudAccountState, wish: Wish): Promise<void> {
  const engine = context.engines.find((one) => one.code === now.engine)
  const wrong = (message: string, hint: string) => new PipiError('input.invalid', message, { hint })
  if (wish.what === 'plan') {
    const plans = engine?.plans.map((plan) => plan.id) ?? []
    if (!plans.includes(wish.value.plan)) {
      throw wrong(`${now.engine} has no plan "${wish.value.plan}"`, `the catalogue knows ${plans.join(', ')}`)
    }
    const { cloudAccount } = engine ?? {}
    const own = cloudAccount?.ok && cloudAccount.id === now.id ? cloudAccount.planSetBy : undefined
    if (own !== undefined && wish.value.plan !== now.plan) {
      throw new PipiError('conflict.state', `${own} says which plan ${now.id} is on`, {
        hint: 'change it where the platform is started, or unset it there and say it here',
      })
    }
  }
  if (wish.what === 'stale' && wish.value.until !== null) {
    const left = Date.parse(wish.value.until) - Date.now()
    if (left <= 0 || left > STALE_AT_MOST_MS) {
      throw wrong(
        `facts past their date can be let through for at most 30 days from now, got until ${wish.value.until}`,
        `at most until ${new Date(Date.now() + STALE_AT_MOST_MS).toISOString().slice(0, 10)}; better: bring the facts up to date`,
      )
    }
  }
  if (wish.what === 'credit') {
    const today = await ledgerNow(tx)
    if (Date.parse(wish.value.expires) <= today.getTime()) {
      throw wrong(`a credit needs a last day to come, got ${wish.value.expires}`, `it is ${today.toISOString()} now`)
    }
  }
}
