import type { Amount } from '../../../catalog/demand.ts'
import { type Meter, metersOf } from '../../../catalog/meters.ts'
import type { Platform } from '../../../catalog/schema.ts'
import { costsNothing, selfStops } from '../../../catalog/self-stops.ts'

/** What the plan of a cloud account says about its meters. */
export interface Billing {
  meters: ReadonlyMap<string, Meter>
  /** Whether passing a meter's limit costs nothing, since plan or service stop by themselves. */
  stops(meter: string): boolean
}

/** What a watched meter may cost before its reader has shown it. */
export interface WorstSpend {
  meter: string
  /** Missing: the platform has none. */
  reader?: string
  /** How far behind its figures are at most. */
  delayMinutes?: number
  /** The most that is taken in that time, in the meter's unit. */
  amount?: number
  /** Missing: not known in numbers. */
  usd?: number
  /** For people. */
  says: string
}

export function billingOf(facts: Platform, plan: string): Billing {
  const meters = new Map(metersOf(facts, plan).map((meter) => [meter.id, meter]))
  const planStops = selfStops(facts, plan)
  return {
    meters,
    stops: (id) => planStops || costsNothing(meters.get(id)?.onLimit ?? 'unknown'),
  }
}

/** Undefined for what is not watched. */
export function worstOf(billing: Billing, amount: Amount): WorstSpend | undefined {
  if (amount.bound !== 'watched') return undefined
  const { meter: id, perHour } = amount
  const meter = billing.meters.get(id)
  const { reader } = meter ?? {}
  const read = reader === undefined ? {} : { reader: reader.id, delayMinutes: reader.delayMinutes }
  const behind = reader === undefined ? 'nothing reads it' : `${reader.id} is ${reader.delayMinutes} minutes behind`
  const most = reader === undefined || perHour === undefined ? undefined : (perHour * reader.delayMinutes) / 60
  const taken = most === undefined ? {} : { amount: most }
  if (billing.stops(id))
    return { meter: id, ...read, ...taken, usd: 0, says: `${behind}; it stops at its limit, so it costs nothing` }
  if (most === undefined) return { meter: id, ...read, says: `${behind}; what it may cost until then is not known` }
  if (meter?.usdPerUnit === undefined)
    return { meter: id, ...read, ...taken, says: `${behind}; ${most} ${meter?.unit} until then, at no known price` }
  const usd = most * meter.usdPerUnit
  return { meter: id, ...read, ...taken, usd, says: `${behind}: at most ${dollarsOf(usd)} until then` }
}

/** An upper bound in words: never less than it is. */
export function dollarsOf(usd: number): string {
  if (usd > 0 && usd < 0.01) return '0.01 USD'
  return `${(Math.ceil(usd * 100 - 1e-6) / 100).toFixed(2)} USD`
}

/** The whole of it, USD; undefined when one of them is not known in numbers. */
export function sumOf(spends: readonly WorstSpend[]): number | undefined {
  return spends.reduce<number | undefined>(
    (sum, { usd }) => (sum === undefined || usd === undefined ? undefined : sum + usd),
    0,
  )
}
