import type { Amount } from '../../catalog/demand.ts'
import { metersOf } from '../../catalog/meters.ts'
import type { Engine } from '../../engines/contract/engine.ts'
import type { GuardRailsContext } from '../../engines/contract/watch.ts'
import { planProgram } from '../../stacks/planner/plan-program.ts'
import { plain } from '../../stacks/wire/values.ts'
import { contextOf } from './demand/expected.ts'

/** What the platform hands an engine's guard rails, for its sandbox account. */
export function railsContext(engine: Engine, given: Partial<GuardRailsContext> = {}): GuardRailsContext {
  const { cloudAccount = '', plan = '' } = engine.dna.sandbox ?? {}
  const limits = metersOf(engine.facts, plan).flatMap(({ id, limit }) =>
    typeof limit === 'number' ? [[id, limit] as const] : [],
  )
  return {
    account: { id: cloudAccount, engine: engine.dna.code, plan, consentWatched: true },
    region: engine.dna.regions[0] ?? '',
    regions: engine.dna.regions,
    email: 'owner@example.org',
    limits: Object.fromEntries(limits),
    ...given,
  }
}

/** Each resource of the guard rails with what the lock says that it takes, before anything exists. */
export async function plannedRails(
  engine: Engine,
  context: GuardRailsContext,
): Promise<{ type: string; inputs: Record<string, unknown>; amounts: Amount[] | undefined }[]> {
  const planned = await planProgram({
    project: 'pipi',
    stack: 'rails',
    program: async () => engine.guardRails?.declare(context),
  })
  return planned
    .filter((one) => one.custom)
    .map(({ type, inputs }) => {
      const rule = engine.rules[type]
      const given = plain(inputs)
      const answer = rule?.demand(rule.safe?.(given) ?? given, contextOf(engine))
      return { type, inputs: given, amounts: answer?.ok === true ? answer.demand.amounts : undefined }
    })
}
