import { expect } from 'vitest'
import type { Amount, DemandAnswer } from '../../../catalog/demand.ts'
import { loadPlatform } from '../../../catalog/load.ts'
import { metersOf } from '../../../catalog/meters.ts'
import type { DemandContext, Engine } from '../../../engines/contract/engine.ts'

export const USUAL = { requests: 20_000, egressMb: 200 }

export function contextOf(engine: Engine, given: Partial<DemandContext> = {}): DemandContext {
  return { plan: engine.dna.sandbox?.plan ?? '', region: engine.dna.regions[0] ?? '', expect: USUAL, ...given }
}

export function demandOf(
  engine: Engine,
  type: string,
  inputs: Record<string, unknown>,
  given: Partial<DemandContext> = {},
): DemandAnswer {
  const rule = engine.rules[type]
  if (rule === undefined) throw new Error(`no rule for ${type}`)
  return rule.demand(rule.safe?.(inputs) ?? inputs, contextOf(engine, given))
}

/** `meter: [amount, bound]` of an answer that is a demand. */
export function amountsOf(answer: DemandAnswer): Record<string, [number, string]> {
  expect(answer).toMatchObject({ ok: true })
  const amounts: Amount[] = answer.ok ? answer.demand.amounts : []
  return Object.fromEntries(amounts.map((one) => [one.meter, [one.amount, one.bound]]))
}

/** Fails when a meter of an answer is not in the catalogue of the account's plan. */
export async function expectKnownMeters(engine: Engine, answers: DemandAnswer[]): Promise<void> {
  const platform = await loadPlatform(engine.dna.code)
  const known = metersOf(platform, engine.dna.sandbox?.plan ?? '').map((meter) => meter.id)
  for (const answer of answers) {
    const named = answer.ok
      ? answer.demand.amounts.map((one) => one.meter)
      : [answer.meter].filter((meter) => meter !== undefined)
    for (const meter of named) expect(known).toContain(meter)
  }
}

/** Every type that a platform's facts name, for the table that must answer all of them. */
export async function typesNamed(engine: Engine): Promise<{ free: string[]; never: string[]; zero: string[] }> {
  const platform = await loadPlatform(engine.dna.code)
  return {
    free: [...new Set(platform.services.flatMap((service) => service.types))],
    never: platform.neverFree.flatMap((fact) => fact.type ?? []),
    zero: platform.zeroCost,
  }
}
