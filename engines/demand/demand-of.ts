import type { DemandAnswer } from '../../catalog/demand.ts'
import type { DemandContext } from '../contract/engine.ts'
import type { DemandBook } from './book.ts'

/** What a component expects where nobody says otherwise: the manifest's defaults. */
const EXPECT = { requests: 20_000, egressMb: 200 }

/**
 * What one resource takes of which meters of its platform for an account on `plan`, or why it can never be free. `inputs`
 * are resolved; what must be set to stay free is filled in where it was left out. Never throws on inputs.
 */
export function demandOf(
  book: DemandBook,
  type: string,
  inputs: Record<string, unknown>,
  region: string,
  plan: string,
  more: Partial<Pick<DemandContext, 'expect' | 'allowStale'>> = {},
): DemandAnswer {
  const code = book.platformOf.get(type)
  const rule = code === undefined ? undefined : book.rules.get(code)?.[type]
  if (rule === undefined) {
    return {
      ok: false,
      code: 'lock.unknown-type',
      message: `nothing in the catalogue says what a ${type} costs`,
      hint: 'use a type the catalogue knows, or have it added with its source',
    }
  }
  return rule.demand(rule.safe?.(inputs) ?? inputs, { plan, region, expect: EXPECT, ...more })
}
