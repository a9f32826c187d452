import type { DemandAnswer } from '../../catalog/demand.ts'
import { PipiError } from '../../catalog/errors.ts'
import type { Platform, Service } from '../../catalog/schema.ts'
import { servicesOf } from '../../catalog/types-of.ts'
import type { DemandContext, ResourceRule } from '../contract/engine.ts'
import { overLimit, takes, unbounded } from './answer.ts'
import { serviceFor } from './require.ts'
import { demandOfTakes } from './takes.ts'

type Demand = ResourceRule['demand']

/**
 * What the catalogue alone says about types: what they take, never free, no allowance any more, or free of charge. An
 * engine's own rules stand above these; a type in neither is unknown and refused. `providers`: only types of these.
 */
export function rulesOfCatalog(platform: Platform, providers?: readonly string[]): Record<string, ResourceRule> {
  const rules: Record<string, ResourceRule> = {}
  const add = (type: string, demand: Demand): void => {
    if (providers === undefined || providers.includes(type.split(':')[0] ?? '')) rules[type] = ruleOf(type, demand)
  }
  for (const type of new Set(platform.services.flatMap((service) => service.types))) {
    add(type, demandOfServices(platform, type))
  }
  for (const fact of platform.neverFree) {
    const { type, price } = fact
    if (type === undefined) continue
    const answer: DemandAnswer = {
      ok: false,
      code: 'lock.over-limit',
      message: `${type} is never free at ${platform.name}: ${price}${/\d/.test(price) && !/EUR/.test(price) ? ' (USD)' : ''}`,
      hint: `leave it out, or use what is free: ./pipi catalog show ${platform.code}`,
    }
    add(type, () => answer)
  }
  for (const type of platform.zeroCost) add(type, () => takes())
  return rules
}

/** Of several services that offer a type, the one whose conditions are met: a type with any allowance is not answered by one that ended. */
function demandOfServices(platform: Platform, type: string): Demand {
  const [ended] = servicesOf(platform, type).closed
  return (inputs: Record<string, unknown>, context: DemandContext) => {
    const service = serviceFor(platform, type, inputs, context)
    if (service === undefined) return noneLeft(type, ended)
    return demandOfTakes(platform, service, { type, inputs, context }) ?? notComputed(platform, type, service)
  }
}

function noneLeft(type: string, service: Service | undefined): DemandAnswer {
  if (service === undefined) return unbounded('', `nothing is known of ${type}`, 'leave it out')
  if (service.refused !== undefined) return overLimit(meterOf(service), `${type}: ${service.refused}`, 'leave it out')
  const price = service.beyond === undefined ? '' : `: ${service.beyond} USD`
  return overLimit(
    meterOf(service),
    `${type} has no free allowance (${service.id}, plan ${service.plan})${price}`,
    service.conditions[0] ?? 'leave it out',
  )
}

function notComputed(platform: Platform, type: string, service: Service): DemandAnswer {
  return unbounded(
    meterOf(service),
    `nothing in the settings of ${type} bounds what it takes of ${meterOf(service)}`,
    `leave it out, or use what is bounded: ./pipi catalog table --cloud ${platform.code}`,
  )
}

function meterOf(service: Service): string {
  return `${service.id}.${service.meters[0]?.name ?? ''}`
}

function ruleOf(type: string, demand: Demand): ResourceRule {
  return {
    demand,
    tagProperty: null,
    lookup: (inputs) => ({ name: inputs.name ?? null }),
    find: async (lookup) => {
      throw new PipiError(
        'recovery.needs-decision',
        `nobody can look up whether ${type} ${JSON.stringify(lookup)} was created`,
        {
          hint: 'look at the platform itself, then import or delete it',
        },
      )
    },
    stateful: false,
  }
}
