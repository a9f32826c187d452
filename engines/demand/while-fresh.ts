import type { Platform } from '../../catalog/schema.ts'
import { refusalOfStale } from '../../catalog/staleness.ts'
import type { ResourceRule } from '../contract/engine.ts'

/** The same rules, which grant nothing once the facts they stand on are past their date. `now` in milliseconds. */
export function whileFresh(
  rules: Record<string, ResourceRule>,
  platform: Platform,
  now: () => number,
): Record<string, ResourceRule> {
  return Object.fromEntries(
    Object.entries(rules).map(([type, rule]) => [
      type,
      { ...rule, demand: (inputs, context) => refusalOfStale(platform, now()) ?? rule.demand(inputs, context) },
    ]),
  )
}
