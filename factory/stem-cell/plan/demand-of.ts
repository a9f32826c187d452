import { type Amount, worstBound } from '../../../catalog/demand.ts'
import { maskSecrets } from '../../../stacks/provider/secrets.ts'
import { nameOfUrn } from '../../../stacks/wire/urn.ts'
import { plain } from '../../../stacks/wire/values.ts'
import { type Carriage, Refused } from '../carriage.ts'
import { type Billing, worstOf } from './worst-spend.ts'

/** What a planned resource takes, refused where the catalogue or the account's owner does not allow it. */
export function demandOf(
  carriage: Carriage,
  billing: Billing,
  resource: { urn: string; type: string; inputs: Record<string, unknown> },
): Amount[] {
  const rule = carriage.rules[resource.type]
  const name = nameOfUrn(resource.urn)
  if (rule === undefined) {
    throw new Refused({
      code: 'lock.unknown-type',
      resource: name,
      message: `nothing in the catalogue says what a ${resource.type} costs`,
      hint: 'use a type the catalogue knows, or have it added with its source',
    })
  }
  const answer = rule.demand(rule.safe(plain(resource.inputs)), resource.urn)
  if (!answer.ok) {
    throw new Refused({
      code: answer.code,
      resource: name,
      message: maskSecrets(answer.message, resource.inputs),
      hint: answer.hint,
      ...(answer.code === 'lock.unbounded' ? { class: 'unbounded' as const } : {}),
      ...(answer.meter === undefined ? {} : { meter: answer.meter }),
    })
  }
  requireConsent(carriage, billing, name, answer.demand.amounts)
  return answer.demand.amounts
}

/**
 * What is only bounded by watching needs the owner's word, and on a plan that bills something to watch it by: the most
 * it takes in an hour and how far behind its reader is. What nothing bounds is never granted.
 */
function requireConsent({ order }: Carriage, billing: Billing, resource: string, amounts: Amount[]): void {
  const worst = worstBound(amounts)
  if (worst === 'proven') return
  const first = amounts.find((amount) => amount.bound === worst)
  const of = (meter: Amount | undefined) =>
    meter === undefined ? {} : { meter: meter.meter, asked: meter.amount, class: worst }
  if (worst === 'unbounded') {
    throw new Refused({
      code: 'lock.unbounded',
      resource,
      ...of(first),
      message: `${first?.meter ?? 'a meter'} of ${resource} is bounded by nothing (${first?.because ?? ''})`,
      hint: 'nothing can make this safe here; choose another engine',
    })
  }
  const blind = amounts.find((amount) => amount.bound === 'watched' && unwatchable(billing, amount) !== undefined)
  if (blind !== undefined) {
    throw new Refused({
      code: 'lock.unbounded',
      resource,
      meter: blind.meter,
      asked: blind.amount,
      class: 'unbounded',
      message: `${blind.meter} of ${resource} could only be watched, and ${unwatchable(billing, blind)} (${blind.because})`,
      hint: `this account's plan bills what passes the limit; choose an engine whose free tier stops by itself`,
    })
  }
  if (order.cloudAccount.consentWatched) return
  const spend = first === undefined ? undefined : worstOf(billing, first)
  throw new Refused({
    code: 'lock.watched',
    resource,
    ...of(first),
    message: `${first?.meter ?? 'a meter'} of ${resource} is bounded only by watching its use (${first?.because ?? ''})${spend === undefined ? '' : `: ${spend.says}`}`,
    hint: 'the owner of the cloud account may agree to watched meters',
  })
}

/** Why nobody could say what a watched amount may cost before the kill switch falls; undefined: it can be said. */
function unwatchable(billing: Billing, amount: Amount): string | undefined {
  const meter = billing.meters.get(amount.meter)
  if (billing.stops(amount.meter)) return undefined
  if (meter?.reader === undefined) return 'the platform has no reader for it'
  if (amount.perHour === undefined) return 'nothing says how much of it an hour can take'
  return undefined
}
