import type { BoundClass } from '../../catalog/demand.ts'
import { type Meter, metersOf } from '../../catalog/meters.ts'
import type { Platform, Service } from '../../catalog/schema.ts'
import { isClosed, servicesOf } from '../../catalog/types-of.ts'
import type { DemandBook } from './book.ts'
import { demandOf } from './demand-of.ts'
import { serviceFor } from './require.ts'

/** One line of what a reader can hold against the source: a meter that a type takes, or why it is refused. */
export interface DemandRow {
  platform: string
  type: string
  /** The plan whose limits are shown. */
  plan: string
  /** Inputs that it was computed with: the catalogue's example, with what is filled in. */
  inputs: Record<string, unknown>
  outcome: 'takes' | 'free' | 'refused'
  meter?: string
  amount?: number
  bound?: BoundClass
  perHour?: number
  unit?: string
  limit?: number | 'host'
  period?: Meter['period']
  usdPerUnit?: number
  reader?: Meter['reader']
  /** How the amount was reached, or why it is refused. */
  how: string
  sources: { id: string; url: string; date: string }[]
}

/** Every type that the catalogue and the engines know, platform by platform, with its catalogued example. */
export function demandTable(book: DemandBook, code?: string): DemandRow[] {
  return [...book.platforms.values()]
    .filter((platform) => code === undefined || platform.code === code)
    .flatMap((platform) =>
      [...book.platformOf]
        .filter(([, owner]) => owner === platform.code)
        .map(([type]) => type)
        .sort()
        .flatMap((type) => rowsOf(book, platform, type)),
    )
}

/** The plan and region that are meant where nobody names one: those under which a type is free. */
export function usualPlace(
  platform: Platform,
  type: string,
  inputs: Record<string, unknown> = {},
): {
  plan: string
  region: string
} {
  const regions = servicesOf(platform, type).open.flatMap((service) => service.regions ?? [])
  const region = regions[0] ?? platform.regions?.[0] ?? ''
  const plans = platform.plans.filter((plan) => plan.active)
  const usual = plans.find((plan) => plan.kind === 'always-free') ?? plans[0] ?? platform.plans[0]
  const service = serviceFor(platform, type, inputs, { plan: '', region, expect: { requests: 0, egressMb: 0 } })
  return { plan: service?.plan ?? usual?.id ?? '', region }
}

function rowsOf(book: DemandBook, platform: Platform, type: string): DemandRow[] {
  const example: Record<string, unknown> = platform.examples[type] ?? {}
  const { plan, region } = usualPlace(platform, type, example)
  const inputs = book.rules.get(platform.code)?.[type]?.safe?.(example) ?? example
  const answer = demandOf(book, type, example, region, plan)
  const base = { platform: platform.code, type, plan, inputs }
  const sources = sourcesOf(platform, type)
  if (!answer.ok) {
    const { meter, message } = answer
    return [{ ...base, outcome: 'refused', ...(meter === undefined ? {} : { meter }), how: message, sources }]
  }
  if (answer.demand.amounts.length === 0)
    return [{ ...base, outcome: 'free', how: 'free of charge, without a limit of its own', sources }]
  const meters = new Map(metersOf(platform, plan).map((meter) => [meter.id, meter]))
  return answer.demand.amounts.map(({ meter, amount, bound, perHour, because }) => ({
    ...base,
    outcome: 'takes',
    meter,
    amount,
    bound,
    ...(perHour === undefined ? {} : { perHour }),
    ...limitOf(meters.get(meter)),
    how: because,
    sources: sourcesOfMeter(platform, meter),
  }))
}

function limitOf(meter: Meter | undefined): Partial<DemandRow> {
  if (meter === undefined) return {}
  const { unit, limit, period, usdPerUnit, reader } = meter
  return {
    unit,
    limit,
    period,
    ...(usdPerUnit === undefined ? {} : { usdPerUnit }),
    ...(reader === undefined ? {} : { reader }),
  }
}

function sourcesOfMeter(platform: Platform, meter: string): DemandRow['sources'] {
  return named(platform, platform.services.find((service) => meter.startsWith(`${service.id}.`))?.sources ?? [])
}

function sourcesOf(platform: Platform, type: string): DemandRow['sources'] {
  const naming = platform.services.filter((service) => service.types.includes(type))
  const services: Service[] = naming.some((service) => !isClosed(service))
    ? naming.filter((service) => !isClosed(service))
    : naming
  const fact = platform.neverFree.find((each) => each.type === type)
  return named(platform, [...new Set([...services.flatMap((service) => service.sources), ...(fact?.sources ?? [])])])
}

function named(platform: Platform, ids: readonly string[]): DemandRow['sources'] {
  return ids.flatMap((id) => {
    const source = platform.sources[id]
    return source === undefined ? [] : [{ id, url: source.url, date: source.date }]
  })
}
