import type { Problem } from './errors.ts'
import { lintService } from './lint-service.ts'
import type { Place } from './read-yaml.ts'
import type { Platform } from './schema.ts'
import { typesOf } from './types-of.ts'

/** What the schema alone cannot see: names that point at nothing, doubles, facts without a source. Empty: all is well. */
export function lintPlatform(
  platform: Platform,
  file: string,
  code: string,
  locate: (path: string) => Place,
): Problem[] {
  const problems: Problem[] = []
  const say = (path: string, message: string, allowed?: string): void => {
    problems.push({ file, ...locate(path), path, message, ...(allowed === undefined ? {} : { allowed }) })
  }
  if (platform.code !== code) say('code', `the code is "${platform.code}"`, `"${code}", as the file is named`)
  const plans = new Set(platform.plans.map((plan) => plan.id))
  const sources = new Set(Object.keys(platform.sources))
  const used = new Set<string>()
  const checkSources = (path: string, ids: readonly string[]): void => {
    for (const id of ids) {
      used.add(id)
      if (!sources.has(id)) say(`${path}.sources`, `no source "${id}"`, [...sources].join(', '))
    }
  }
  unique(
    platform.plans.map((plan) => plan.id),
    (id) => say('plans', `plan "${id}" stands twice`),
  )
  unique(
    platform.services.map((service) => service.id),
    (id) => say('services', `service "${id}" stands twice`),
  )
  for (const [i, plan] of platform.plans.entries()) {
    checkSources(`plans[${i}]`, plan.sources)
    for (const other of plan.includes) {
      if (!plans.has(other)) say(`plans[${i}].includes`, `no plan "${other}"`, [...plans].join(', '))
    }
  }
  for (const [i, service] of platform.services.entries()) {
    const path = `services[${i}]`
    if (!plans.has(service.plan)) say(`${path}.plan`, `no plan "${service.plan}"`, [...plans].join(', '))
    checkSources(path, service.sources)
    if (service.sources.length === 0) say(`${path}.sources`, `service "${service.id}" has no source`, 'at least one')
    lintService(platform, service, path, say)
  }
  for (const [id, reader] of Object.entries(platform.readers)) checkSources(`readers.${id}`, reader.sources)
  for (const [i, fact] of platform.neverFree.entries()) {
    checkSources(`neverFree[${i}]`, fact.sources)
    if ((fact.type === undefined) === (fact.service === undefined))
      say(`neverFree[${i}]`, 'exactly one of type and service must stand here')
  }
  const free = new Set(platform.services.filter((service) => service.active).flatMap((service) => service.types))
  for (const type of [...platform.neverFree.flatMap((fact) => fact.type ?? []), ...platform.zeroCost]) {
    if (free.has(type))
      say('services', `"${type}" is metered and stands among the never free or the free of charge as well`)
  }
  const known = new Set([...typesOf(platform)])
  for (const type of Object.keys(platform.examples)) {
    if (!known.has(type)) say(`examples.${type}`, `"${type}" is named nowhere in this file`)
  }
  for (const id of sources) if (!used.has(id)) say(`sources.${id}`, `nothing refers to source "${id}"`)
  return problems
}

function unique(ids: readonly string[], twice: (id: string) => void): void {
  const seen = new Set<string>()
  for (const id of ids) {
    if (seen.has(id)) twice(id)
    seen.add(id)
  }
}
