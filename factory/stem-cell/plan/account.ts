import { pastDate } from '../../../catalog/staleness.ts'
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

/** Facts past their date are used where the owner lets them, and the story says so. */
export function tellStaleFacts({ birth, order, story }: Carriage): void {
  const { staleUntil } = order.cloudAccount
  const past = pastDate(birth.engine.facts, Date.now())
  if (past === undefined || staleUntil === undefined || !allowsStale(staleUntil)) return
  const until = new Date(staleUntil).toISOString().slice(0, 10)
  story.tell(`${past}; the account's owner lets them be used until ${until}`, 'warn', { staleUntil })
}

/** By this host's clock, by which facts get old too. */
export function allowsStale(staleUntil: string | undefined): boolean {
  return staleUntil !== undefined && Date.parse(staleUntil) > Date.now()
}
