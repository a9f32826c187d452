import type { DemandAnswer } from '../../catalog/demand.ts'
import { PipiError } from '../../catalog/errors.ts'
import type { Platform } from '../../catalog/schema.ts'
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
  for (const service of platform.services) {
    for (const type of service.types) {
      add(type, {
        ok: false,
        code: service.active ? 'lock.unbounded' : 'lock.over-limit',
        message: service.active
          ? `nothing computes what ${type} would take of ${service.id}`
          : `${type} has no free allowance any more (${service.id}, ${service.plan})`,
        hint: service.conditions[0] ?? `free of it is only what catalog/${platform.code}.yaml lists`,
        meter: `${service.id}.${service.meters[0]?.name ?? ''}`,
      })
    }
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

function constantRule(type: string, answer: DemandAnswer): ResourceRule {
  return {
    demand: () => answer,
    tagProperty: null,
    lookup: (inputs) => ({ name: inputs['name'] ?? null }),
    find: async (lookup) => {
      throw new PipiError('recovery.needs-decision', `nobody can look up whether ${type} ${JSON.stringify(lookup)} was created`, {
        hint: 'look at the platform itself, then import or delete it',
      })
    },
    stateful: false,
  }
}
