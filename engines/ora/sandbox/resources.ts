import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { api, callerOf } from './api.ts'
import { compute } from './compute.ts'
import { guardRails } from './guard-rails.ts'
import { identify } from './identify.ts'
import { invokes } from './invokes.ts'
import { network } from './network.ts'
import { bill } from './prices.ts'
import { quotaWall } from './quotas.ts'
import { storage } from './storage.ts'

/** How Oracle Cloud behaves, as far as what the engine declares, walls in and looks up goes. */
export default {
  provider: 'oci',
  engine: 'ora',
  identify,
  resources: walled({ ...compute, ...network, ...storage, ...guardRails }, quotaWall),
  invokes,
  api,
  callerOf,
  bill,
} satisfies SimulatedCloud
