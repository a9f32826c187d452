import { stalenessOf } from '../../../catalog/staleness.ts'
import { type Carriage, Refused } from '../carriage.ts'

/**
 * Nothing is done in an account that the platform itself calls another one or another plan: what is free there, and what
 * stands there, is not what the ledger says. Only to stand still is always right.
 */
export function requireArmed({ order }: Carriage): void {
  const { armed, id, plan } = order.cloudAccount
  if (armed !== false || order.kind === 'suspend') return
  throw new Refused({
    code: 'account.mismatch',
    message: `the platform does not confirm that the cloud account is ${id} on the plan ${plan}`,
    hint: `look at "pipi account show ${order.engine}"; mend its credentials, or state its plan, and have it checked again`,
  })
}

/** Whether the owner lets facts past their date be used now; where they are, the story says so. */
export function tellStaleFacts({ birth, order, story }: Carriage): void {
  const { stale, checked, until } = stalenessOf(birth.engine.facts, Date.now())
  if (!stale || !allowsStale(order.cloudAccount.staleUntil)) return
  story.tell(
    `the facts about ${birth.engine.facts.name} were checked on ${checked} and held until ${day(until)}; the account's owner lets them be used until ${day(Date.parse(order.cloudAccount.staleUntil ?? ''))}`,
    'warn',
    { stale: { checked, until: new Date(until).toISOString(), allowedUntil: order.cloudAccount.staleUntil } },
  )
}

/** By this host's clock, by which facts get old too. */
export function allowsStale(staleUntil: string | undefined): boolean {
  return staleUntil !== undefined && Date.parse(staleUntil) > Date.now()
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
