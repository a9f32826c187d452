import type { Platform, Requirement, Service } from '../../catalog/schema.ts'
import { servicesOf } from '../../catalog/types-of.ts'
import type { DemandContext } from '../contract/engine.ts'
import { type Refusal, unsafe } from './answer.ts'
import { fillAt, valuesAt } from './at-path.ts'
import { numberOf } from './inputs.ts'
import { placeOf } from './place.ts'

type Inputs = Record<string, unknown>

/** One condition that inputs do not meet. */
interface Unmet {
  property: string
  got: unknown
  allowed: string
}

/**
 * Why a type with these inputs is not free by the conditions of the catalogue, or undefined. Where several services
 * offer the type, those of one are enough. What is not known is not met.
 */
export function refusalOfConditions(
  platform: Platform,
  type: string,
  inputs: Inputs,
  context: DemandContext,
): Refusal | undefined {
  const { service, unmet } = nearest(platform, type, inputs, context) ?? {}
  const [first] = unmet ?? []
  if (service === undefined || first === undefined) return undefined
  const refusal = unsafe(first.property, first.got, first.allowed)
  return { ...refusal, hint: `${refusal.hint} (${service.id}; ${sourceOf(platform, service)})` }
}

/** The service whose conditions these inputs meet, or come nearest to. Undefined: no service offers the type for free. */
export function serviceFor(
  platform: Platform,
  type: string,
  inputs: Inputs,
  context: DemandContext,
): Service | undefined {
  return nearest(platform, type, inputs, context)?.service
}

/** Inputs with everything set that the conditions ask for and that was left out; nothing is overridden. */
export function fillConditions(platform: Platform, type: string, inputs: Inputs): Inputs {
  const { open, closed } = servicesOf(platform, type)
  const ways = (open.length > 0 ? open : closed).map((service) => {
    const filled = fillFor(service, type, inputs)
    return { filled, missing: unmetOf(service, type, filled).length }
  })
  return ways.reduce<(typeof ways)[number] | undefined>(least, undefined)?.filled ?? inputs
}

function nearest(
  platform: Platform,
  type: string,
  inputs: Inputs,
  context: DemandContext,
): { service: Service; unmet: Unmet[]; missing: number } | undefined {
  const ways = servicesOf(platform, type).open.map((service) => {
    const unmet = [...unmetOf(service, type, inputs), ...elsewhere(platform, service, inputs, context)]
    return { service, unmet, missing: unmet.length }
  })
  return ways.reduce<(typeof ways)[number] | undefined>(least, undefined)
}

function least<W extends { missing: number }>(best: W | undefined, next: W): W {
  return best === undefined || next.missing < best.missing ? next : best
}

function unmetOf(service: Service, type: string, inputs: Inputs): Unmet[] {
  return requirementsOf(service, type).flatMap((rule) =>
    valuesAt(inputs, rule.property)
      .filter((value) => !meets(rule, value))
      .slice(0, 1)
      .map((got) => ({ property: rule.property, got, allowed: allowedBy(rule) })),
  )
}

function elsewhere(platform: Platform, service: Service, inputs: Inputs, context: DemandContext): Unmet[] {
  const regions = service.regions ?? platform.regions
  if (regions === undefined) return []
  const place = placeOf(inputs, context)
  if (regions.includes(place.region)) return []
  return [{ property: place.property, got: place.given, allowed: regions.join(', ') }]
}

function requirementsOf(service: Service, type: string): Requirement[] {
  return service.require.filter((rule) => rule.on === undefined || rule.on.includes(type))
}

function fillFor(service: Service, type: string, inputs: Inputs): Inputs {
  return requirementsOf(service, type).reduce((before, rule) => {
    const value = rule.equals ?? rule.fill
    return value === undefined || rule.optional === true ? before : fillAt(before, rule.property, value)
  }, inputs)
}

function meets(rule: Requirement, value: unknown): boolean {
  if (rule.absent === true) return isEmpty(value)
  if (isEmpty(value)) return rule.optional === true
  if (rule.equals !== undefined && !same(value, rule.equals)) return false
  if (rule.oneOf !== undefined && !rule.oneOf.some((allowed) => same(value, allowed))) return false
  if (rule.noneOf?.some((denied) => same(value, denied))) return false
  if (rule.max === undefined && rule.min === undefined) return true
  const number = numberOf(value)
  return number !== undefined && number <= (rule.max ?? Number.POSITIVE_INFINITY) && number >= (rule.min ?? 0)
}

/** Nothing, or a list or section without anything in it. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function same(value: unknown, wanted: string | number | boolean): boolean {
  return typeof wanted === 'number' ? numberOf(value) === wanted : value === wanted
}

function allowedBy(rule: Requirement): string {
  if (rule.absent === true) return 'none'
  const parts = [
    rule.equals === undefined ? undefined : String(rule.equals),
    rule.oneOf?.join(', '),
    rule.noneOf === undefined ? undefined : `anything but ${rule.noneOf.join(', ')}`,
    rule.min === undefined && rule.max === undefined ? undefined : range(rule.min, rule.max),
    rule.present === true ? 'something' : undefined,
  ].filter((part) => part !== undefined)
  return `${parts.join(', ')}${rule.optional === true ? ', or left out' : ''}`
}

function range(min: number | undefined, max: number | undefined): string {
  if (max === undefined) return `${min} or more`
  return min === undefined ? `up to ${max}` : `${min} to ${max}`
}

function sourceOf(platform: Platform, service: Service): string {
  const source = platform.sources[service.sources[0] ?? '']
  return source === undefined ? 'no source' : `${source.url}, ${source.date}`
}
