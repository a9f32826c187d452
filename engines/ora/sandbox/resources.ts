import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { compute } from './compute.ts'
import { guardRails } from './guard-rails.ts'
import { identify } from './identify.ts'
import { invokes } from './invokes.ts'
import { bill } from './prices.ts'
import { quotaWall } from './quotas.ts'

/** How Oracle Cloud behaves, as far as the engine's walls and look-ups go and a step beyond. */
export default {
  provider: 'oci',
  engine: 'ora',
  identify,
  resources: walled({ ...compute, ...guardRails }, quotaWall),
  invokes,
  bill,
} satisfies SimulatedCloud
