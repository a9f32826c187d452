import type { Amount, BoundClass, DemandAnswer } from '../../catalog/demand.ts'
import { meterNamed } from '../../catalog/lint-service.ts'
import type { MeterFact, Platform, Service, Take } from '../../catalog/schema.ts'
import { stopsAtLimit } from '../../catalog/self-stops.ts'
import type { DemandContext } from '../contract/engine.ts'
import { amount, atMost, overLimit, type Refusal, takes, unsafe } from './answer.ts'
import { valuesAt } from './at-path.ts'
import { gibibytesOf, numberOf } from './inputs.ts'
import { placeOf } from './place.ts'

type Inputs = Record<string, unknown>
type Question = { type: string; inputs: Inputs; context: DemandContext }

/** What the catalogue's own `takes` of a service say of a type, or undefined where they say nothing of it. */
export function demandOfTakes(platform: Platform, service: Service, question: Question): DemandAnswer | undefined {
  const about = service.takes.filter((take) => take.on === undefined || take.on.includes(question.type))
  if (about.length === 0) return undefined
  const amounts: Amount[] = []
  for (const take of about) {
    const one = amountOf(platform, service, take, question)
    if ('ok' in one) return one
    if (one.amount > 0) amounts.push(one)
  }
  return takes(...amounts)
}

function amountOf(platform: Platform, service: Service, take: Take, question: Question): Amount | Refusal {
  const { inputs, context } = question
  const fact = meterNamed(platform, service, take.meter)
  const id = take.meter.includes('.') ? take.meter : `${service.id}.${take.meter}`
  // Checked when the catalogue is loaded.
  if (fact === undefined) return unsafe(id, undefined, 'a meter of the catalogue')
  const counted = countOf(take, fact, inputs, context)
  if ('ok' in counted) return counted
  const quantity = counted.number * (take.times ?? 1)
  const bound = boundOf(take, service, context)
  const because = [
    counted.because,
    take.times === undefined ? '' : ` × ${take.times}`,
    bound === 'proven' && isUse(take) ? '; the platform stops at its limit' : '',
  ].join('')
  if (fact.scope === 'resource' && typeof fact.limit === 'number' && quantity > fact.limit) {
    return overLimit(
      id,
      `${because} is ${quantity} ${fact.unit}, and one ${question.type} has ${fact.limit}`,
      `ask for at most ${fact.limit} ${fact.unit}`,
    )
  }
  const made = amount(id, quantity, bound, because, scopeOf(fact, inputs, context))
  return take.perHour === undefined ? made : atMost(made, take.perHour)
}

function countOf(
  take: Take,
  fact: MeterFact,
  inputs: Inputs,
  context: DemandContext,
): { number: number; because: string } | Refusal {
  if (take.count !== undefined) return { number: take.count, because: `${take.count} ${fact.unit}` }
  if (take.whole === true)
    return { number: Number(fact.limit), because: `all that one of them has, ${fact.limit} ${fact.unit}` }
  if (take.expect !== undefined) {
    const number = context.expect[take.expect]
    const unit = take.expect === 'requests' ? 'requests' : 'MB'
    return { number, because: `${number} ${unit} expected a month` }
  }
  if (take.assume !== undefined) return { number: take.assume, because: `${take.assume} ${fact.unit} assumed` }
  if (take.lengthOf !== undefined) return lengthOf(take.lengthOf, inputs)
  return productOf(take, fact, inputs)
}

function lengthOf(path: string, inputs: Inputs): { number: number; because: string } {
  const [list] = valuesAt(inputs, path)
  const number = Array.isArray(list) ? list.length : 0
  return { number, because: `${number} of ${path}` }
}

function productOf(take: Take, fact: MeterFact, inputs: Inputs): { number: number; because: string } | Refusal {
  const factors: { path: string; number: number }[] = []
  for (const path of take.from ?? []) {
    const values = valuesAt(inputs, path)
    const left = values.length === 0 || values.every((value) => value === undefined || value === null)
    const number = left ? take.defaults[path] : sumOf(values, /^Gi?B/.test(fact.unit) ? gibibytesOf : numberOf)
    if (number === undefined || number < 0) return unsafe(path, left ? undefined : values[0], 'a number, not below 0')
    factors.push({ path, number })
  }
  return {
    number: factors.reduce((product, { number }) => product * number, 1),
    because: factors.map(({ path, number }) => `${number} (${path})`).join(' × '),
  }
}

function sumOf(values: unknown[], read: (value: unknown) => number | undefined): number | undefined {
  return values.map(read).reduce((sum, next) => (sum === undefined || next === undefined ? undefined : sum + next), 0)
}

/** A use that is only expected is bounded by watching, except where the platform itself stops at the limit. */
function boundOf(take: Take, service: Service, context: DemandContext): BoundClass {
  return !isUse(take) || stopsAtLimit(context.plan, service) ? 'proven' : 'watched'
}

function isUse(take: Take): boolean {
  return take.expect !== undefined || take.assume !== undefined
}

function scopeOf(fact: MeterFact, inputs: Inputs, context: DemandContext): string {
  return fact.scope === 'region' ? placeOf(inputs, context).region : ''
}
