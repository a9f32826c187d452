import type { DemandAnswer } from '../../catalog/demand.ts'
import { PipiError } from '../../catalog/errors.ts'
import type { Platform, Service } from '../../catalog/schema.ts'
import type { ResourceRule } from '../contract/engine.ts'

/**
 * What the catalogue alone says about types: never free, no allowance any more, or free of charge. An engine's own rules
 * stand above these; a type in neither is unknown and refused.
 */
export function rulesOfCatalog(platform: Platform, providers: readonly string[]): Record<string, ResourceRule> {
  const rules: Record<string, ResourceRule> = {}
  const add = (type: string, answer: DemandAnswer): void => {
    if (providers.includes(type.split(':')[0] ?? '')) rules[type] = constantRule(type, answer)
  }
  const closed = platform.services.filter(isClosed)
  const open = platform.services.filter((service) => !isClosed(service))
  // The open ones last: a type with any allowance is not answered by one that ended.
  for (const service of [...closed, ...open]) {
    for (const type of service.types) add(type, isClosed(service) ? ended(type, service) : notComputed(type, service))
  }
  for (const fact of platform.neverFree) {
    if (fact.type === undefined) continue
    add(fact.type, {
      ok: false,
      code: 'lock.over-limit',
      message: `${fact.type} is never free at ${platform.name}: ${fact.price} USD`,
      hint: `leave it out, or use what is free: ./pipi catalog show ${platform.code}`,
    })
  }
  for (const type of platform.zeroCost) add(type, { ok: true, demand: { amounts: [] } })
  return rules
}

/** Whether nobody without paying or a trial has anything of a service. */
function isClosed(service: Service): boolean {
  const spent = service.onLimit === 'unknown' || service.onLimit === 'drain-credit'
  return !service.active || spent || service.meters.every((meter) => meter.period === 'window' || meter.limit === 0)
}

function ended(type: string, service: Service): DemandAnswer {
  const price = service.beyond === undefined ? '' : `: ${service.beyond} USD`
  return {
    ok: false,
    code: 'lock.over-limit',
    message: `${type} has no free allowance (${service.id}, plan ${service.plan})${price}`,
    hint: service.conditions[0] ?? 'leave it out',
    meter: meterOf(service),
  }
}

function notComputed(type: string, service: Service): DemandAnswer {
  return {
    ok: false,
    code: 'lock.unbounded',
    message: `nothing in the settings of ${type} bounds what it takes of ${meterOf(service)}`,
    hint: service.conditions[0] ?? 'leave it out',
    meter: meterOf(service),
  }
}

function meterOf(service: Service): string {
  return `${service.id}.${service.meters[0]?.name ?? ''}`
}

function constantRule(type: string, answer: DemandAnswer): ResourceRule {
  return {
    demand: () => answer,
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
