import type { DemandContext } from '../../contract/engine.ts'
import { type Refusal, unsafe } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'

/** What is free is free in these only (source G2 of the catalogue). */
const FREE_REGIONS = ['us-central1', 'us-east1', 'us-west1']

/** Why a resource may not be where it asks to be, or undefined. `property` holds a region, or a zone in one. */
export function notFree(
  property: string,
  inputs: Record<string, unknown>,
  context: DemandContext,
): Refusal | undefined {
  const place = (textAt(inputs, property) ?? context.region).toLowerCase().replace(/-[a-f]$/, '')
  return FREE_REGIONS.includes(place)
    ? undefined
    : unsafe(property, textAt(inputs, property) ?? context.region, FREE_REGIONS.join(', '))
}
