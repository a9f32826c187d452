import type { DemandContext } from '../../contract/engine.ts'
import { type Refusal, unsafe } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'

/** The allowances count over these; China, GovCloud and what opens later are apart. */
const REGIONS: ReadonlySet<string> = new Set([
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'sa-east-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
])

/** Why a resource may not be where it asks to be, or undefined. */
export function unknownRegion(inputs: Record<string, unknown>, context: DemandContext): Refusal | undefined {
  const region = regionOf(inputs, context)
  return REGIONS.has(region) ? undefined : unsafe('region', region, [...REGIONS].join(', '))
}

export function regionOf(inputs: Record<string, unknown>, context: DemandContext): string {
  return textAt(inputs, 'region') ?? context.region
}
