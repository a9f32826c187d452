import type { DemandAnswer } from '../../catalog/demand.ts'
import type { PlatformReader } from './find.ts'

/** What the guard and the recovery have to know of one resource type. Engines' rules fit it. */
export interface GuardRule {
  /** Inputs with what must be set to stay free filled in where it was left out. Plain JSON. */
  safe(inputs: Record<string, unknown>): Record<string, unknown>
  /** Inputs under which it burns nothing; the same inputs where there are none such. */
  suspended(inputs: Record<string, unknown>): Record<string, unknown>
  demand(inputs: Record<string, unknown>, urn: string): DemandAnswer
  tagProperty: string | null
  lookup(inputs: Record<string, unknown>): Record<string, unknown>
  find(lookup: Record<string, unknown>, platform: PlatformReader, owner: string): Promise<string | undefined>
  stateful: boolean
  /** Of a stateful type: whether one of this name holds nothing of users'. */
  disposable?(name: string): boolean
  /** After that many milliseconds the provider has given up on a create. */
  deadlineMs: number
}

export type GuardRules = Record<string, GuardRule>

/** Whether what goes by this name (that of its URN) holds users' data; of a type that no rule knows nobody can say it does not. */
export function holdsData(rule: Pick<GuardRule, 'stateful' | 'disposable'> | undefined, name: string): boolean {
  return rule === undefined || (rule.stateful && rule.disposable?.(name) !== true)
}
