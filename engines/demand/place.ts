import type { DemandContext } from '../contract/engine.ts'
import { textAt } from './inputs.ts'

/** Where a resource stands: in the region its inputs name, else where its component is deployed to. */
export interface Place {
  /** In small letters, a zone cut down to its region. */
  region: string
  /** The property that says so. */
  property: string
  /** As it was written. */
  given: string
}

export function placeOf(inputs: Record<string, unknown>, context: DemandContext): Place {
  for (const property of ['zone', 'location', 'region']) {
    const given = textAt(inputs, property)
    if (given !== undefined) return { region: given.toLowerCase().replace(/-[a-f]$/, ''), property, given }
  }
  return { region: context.region.toLowerCase(), property: 'region', given: context.region }
}
