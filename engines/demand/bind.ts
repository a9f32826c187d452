import type { DemandAnswer } from '../../catalog/demand.ts'
import type { Platform } from '../../catalog/schema.ts'
import { pastDate, refusalOfStale } from '../../catalog/staleness.ts'
import type { DemandContext, ResourceRule } from '../contract/engine.ts'
import { unbounded } from './answer.ts'
import { fillConditions, refusalOfConditions } from './require.ts'

type Inputs = Record<string, unknown>

/**
 * Rules bound to their platform's facts: nothing is granted on facts past their date unless the owner allows it, the
 * catalogue's conditions hold for every type whoever wrote its rule, and what they ask for is filled in where it was left
 * out. `now` in milliseconds.
 */
export function bindRules(
  rules: Record<string, ResourceRule>,
  platform: Platform,
  now: () => number,
): Record<string, ResourceRule> {
  return Object.fromEntries(Object.entries(rules).map(([type, rule]) => [type, bindRule(type, rule, platform, now)]))
}

function bindRule(type: string, rule: ResourceRule, platform: Platform, now: () => number): ResourceRule {
  return {
    ...rule,
    safe: (inputs) => fillConditions(platform, type, rule.safe?.(inputs) ?? inputs),
    demand: (inputs, context) => {
      const at = now()
      const stale = refusalOfStale(platform, at)
      if (stale !== undefined && context.allowStale !== true) return stale
      const answer = askRule(type, rule, platform, inputs, context)
      const told = pastDate(platform, at)
      return answer.ok && told !== undefined ? { ...answer, stale: told } : answer
    },
  }
}

function askRule(
  type: string,
  rule: ResourceRule,
  platform: Platform,
  inputs: Inputs,
  context: DemandContext,
): DemandAnswer {
  const refusal = refusalOfConditions(platform, type, inputs, context)
  if (refusal !== undefined) return refusal
  const answer = rule.demand(inputs, context)
  const odd = answer.ok ? answer.demand.amounts.find(({ amount }) => !Number.isFinite(amount) || amount < 0) : undefined
  if (odd === undefined) return answer
  return unbounded(
    odd.meter,
    `what ${type} takes of ${odd.meter} cannot be computed (${odd.because})`,
    'give sizes and counts as numbers that are not below 0',
  )
}
