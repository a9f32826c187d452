import type { DemandContext } from '../../contract/engine.ts'
import { textAt } from '../../demand/inputs.ts'

/** Where a resource stands: what is counted per region is counted there. */
export function regionOf(inputs: Record<string, unknown>, context: DemandContext): string {
  return textAt(inputs, 'region') ?? context.region
}
