import { PipiError } from './errors.ts'
import type { MeterFact, Plan, Platform, Service } from './schema.ts'

/** One thing that is limited for a cloud account on a plan. */
export interface Meter {
  /** `<service id>.<meter name>`. */
  id: string
  service: string
  category: string
  name: string
  unit: string
  /** For the whole period, in `unit`. `host`: the engine's own `limits()` says. 0 where nothing is free. */
  limit: number | 'host'
  period: MeterFact['period']
  scope: MeterFact['scope']
  /** Whether the platform bills what passes the limit, or stops by itself. */
  onLimit: Service['onLimit']
  /** USD for one unit beyond the limit: of the whole period, or of a month (744 h) for what is counted while it exists. */
  usdPerUnit?: number
  /** How its use is read, and how many minutes that is behind at most. */
  reader?: { id: string; call: string; delayMinutes: number }
  /** Why the limit is 0, or how it was reached where that is not plain. */
  reason?: string
  sources: string[]
}

/** Every meter of a platform as it applies to an account on `plan`. Throws `not-found` for a plan that is not one. */
export function metersOf(platform: Platform, plan: string): Meter[] {
  const found = planOf(platform, plan)
  const applying = plansOf(platform, found)
  return platform.services.flatMap((service) =>
    service.meters.map((fact) => meterOf(platform, service, fact, found, applying)),
  )
}

/** One plan of a platform. Throws `not-found` naming those there are. */
export function planOf(platform: Platform, id: string): Plan {
  const plan = platform.plans.find((candidate) => candidate.id === id)
  if (plan === undefined) {
    const known = platform.plans.map((candidate) => candidate.id).join(', ')
    throw new PipiError('not-found', `${platform.name} has no plan "${id}"`, { hint: `it has ${known}` })
  }
  return plan
}

/** What happens at a service's limits for an account on `plan`. */
export function onLimitOf(service: Service, plan: string): Service['onLimit'] {
  return service.onLimitOn[plan] ?? service.onLimit
}

function meterOf(platform: Platform, service: Service, fact: MeterFact, plan: Plan, applying: Set<string>): Meter {
  const base = {
    id: `${service.id}.${fact.name}`,
    service: service.id,
    category: service.category,
    name: fact.name,
    unit: fact.unit,
    period: fact.period,
    scope: fact.scope,
    onLimit: onLimitOf(service, plan.id),
    sources: service.sources,
    ...priceOf(fact),
    ...readerOf(platform, fact),
  }
  const closed = whyClosed(platform, service, fact, plan, applying)
  if (closed !== undefined) return { ...base, limit: 0, reason: closed }
  const times = fact.times === undefined ? undefined : service.meters.find((other) => other.name === fact.times)
  if (times === undefined || typeof times.limit !== 'number' || typeof fact.limit !== 'number') {
    return { ...base, limit: fact.limit, ...(fact.note === undefined ? {} : { reason: fact.note }) }
  }
  return {
    ...base,
    limit: fact.limit * times.limit,
    reason: `${fact.limit} ${fact.unit} for each of ${times.limit} ${times.unit}s`,
  }
}

/** Why nothing of a meter is free for this account, or undefined. */
function whyClosed(
  platform: Platform,
  service: Service,
  fact: MeterFact,
  plan: Plan,
  applying: Set<string>,
): string | undefined {
  if (!service.active) return `this allowance of ${platform.name} has ended`
  if (!plan.active) return `nobody can be on the plan ${plan.id} any more`
  if (!applying.has(service.plan)) return `free only on the plan ${service.plan}, and this account is on ${plan.id}`
  // Credits and trial windows run out and then bill: they count as nothing until the owner opens them by hand.
  if (fact.unit === 'USD' || fact.unit === 'EUR') return 'credits are money: opened by the owner only'
  if (fact.period === 'window') return 'a trial that ends is no free tier'
  if (service.onLimit === 'unknown') return 'what happens at its limit is not known'
  if (fact.limit === 0) return fact.note ?? 'nothing of it is free'
  return undefined
}

function plansOf(platform: Platform, plan: Plan): Set<string> {
  const applying = new Set<string>()
  const waiting = [plan.id]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (applying.has(id)) continue
    applying.add(id)
    waiting.push(...(platform.plans.find((candidate) => candidate.id === id)?.includes ?? []))
  }
  return applying
}

const HOURS_A_MONTH = 744

function priceOf({ price }: MeterFact): Pick<Meter, 'usdPerUnit'> {
  if (price === undefined) return {}
  const usd = (price.usd / price.per) * (price.every === 'hour' ? HOURS_A_MONTH : 1)
  // Without the dust of binary fractions: people read it, and it is multiplied as a decimal.
  return { usdPerUnit: Number(usd.toPrecision(12)) }
}

function readerOf(platform: Platform, fact: MeterFact): Pick<Meter, 'reader'> {
  const reader = fact.reader === undefined ? undefined : platform.readers[fact.reader]
  if (fact.reader === undefined || reader === undefined) return {}
  return { reader: { id: fact.reader, call: reader.call, delayMinutes: reader.delayMinutes } }
}
