import type { Platform, Requirement, Service, Take } from './schema.ts'

type Say = (path: string, message: string, allowed?: string) => void

/** What one service says of meters, conditions and takes that points at nothing or contradicts itself. */
export function lintService(platform: Platform, service: Service, path: string, say: Say): void {
  lintMeters(platform, service, path, say)
  for (const [j, rule] of service.require.entries()) lintRequirement(service, rule, `${path}.require[${j}]`, say)
  for (const [j, take] of service.takes.entries()) lintTake(platform, service, take, `${path}.takes[${j}]`, say)
  const plans = platform.plans.map((plan) => plan.id)
  for (const plan of Object.keys(service.onLimitOn)) {
    if (!plans.includes(plan)) say(`${path}.onLimitOn.${plan}`, `no plan "${plan}"`, plans.join(', '))
  }
}

function lintMeters(platform: Platform, service: Service, path: string, say: Say): void {
  const names = service.meters.map((meter) => meter.name)
  for (const [j, meter] of service.meters.entries()) {
    const at = `${path}.meters[${j}]`
    if (names.indexOf(meter.name) !== j) say(`${path}.meters`, `meter "${meter.name}" stands twice`)
    if (meter.times !== undefined) {
      if (meter.scope !== 'resource')
        say(`${at}.times`, 'only a meter per resource can stand for several', 'scope: resource')
      if (!names.includes(meter.times))
        say(`${at}.times`, `no meter "${meter.times}" in this service`, names.join(', '))
    }
    if (meter.price?.every === 'hour' && meter.period !== 'concurrent')
      say(`${at}.price.every`, 'only what is counted while it exists is charged by the hour', 'period: concurrent')
    lintReader(platform, meter.reader, `${at}.reader`, say)
  }
}

function lintReader(platform: Platform, id: string | undefined, path: string, say: Say): void {
  if (id === undefined) return
  const reader = platform.readers[id]
  if (reader === undefined) say(path, `no reader "${id}"`, Object.keys(platform.readers).join(', '))
  else if (reader.usdPerCall > 0)
    say(path, `each call of "${id}" costs ${reader.usdPerCall} USD, so it is never called`, 'a reader that costs 0')
}

function lintRequirement(service: Service, rule: Requirement, path: string, say: Say): void {
  const conditions = Object.keys(rule).filter((key) => !['property', 'on', 'fill', 'optional'].includes(key))
  if (conditions.length === 0)
    say(path, 'a requirement without a condition', 'equals, oneOf, noneOf, max, min, absent or present')
  if (rule.fill !== undefined && rule.equals !== undefined)
    say(`${path}.fill`, '"equals" says already what is filled in', 'one of equals and fill')
  if (rule.optional === true && rule.fill !== undefined)
    say(`${path}.fill`, 'what may be left out is not filled in', 'one of optional and fill')
  lintTypes(service, rule.on, `${path}.on`, say)
}

function lintTake(platform: Platform, service: Service, take: Take, path: string, say: Say): void {
  lintTypes(service, take.on, `${path}.on`, say)
  const fact = meterNamed(platform, service, take.meter)
  if (fact === undefined) say(`${path}.meter`, `no meter "${take.meter}"`, 'a meter of this service, or service.meter')
  const kinds = [take.count, take.whole, take.from, take.lengthOf, take.expect, take.assume].filter(
    (kind) => kind !== undefined,
  )
  if (kinds.length !== 1)
    say(path, `${kinds.length} ways to compute it`, 'one of count, whole, from, lengthOf, expect, assume')
  if (take.whole === true && fact !== undefined && (fact.scope !== 'resource' || typeof fact.limit !== 'number'))
    say(`${path}.whole`, 'only a limit per resource can be taken as a whole', 'a meter of scope: resource')
  if (take.perHour !== undefined && take.expect === undefined && take.assume === undefined)
    say(`${path}.perHour`, 'only what is expected needs a bound per hour', 'expect or assume')
  for (const left of Object.keys(take.defaults)) {
    if (!take.from?.includes(left)) say(`${path}.defaults`, `"${left}" is no path of "from"`, take.from?.join(', '))
  }
}

function lintTypes(service: Service, types: readonly string[] | undefined, path: string, say: Say): void {
  for (const type of types ?? []) {
    if (!service.types.includes(type)) say(path, `"${type}" is no type of this service`, service.types.join(', '))
  }
}

/** `name` of this service, or `service.name` of another one. */
export function meterNamed(platform: Platform, service: Service, name: string): Service['meters'][number] | undefined {
  const [other, meter] = name.includes('.') ? name.split('.', 2) : [service.id, name]
  const owner = platform.services.find((candidate) => candidate.id === other)
  return owner?.meters.find((candidate) => candidate.name === meter)
}
