import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { api, callerOf } from './api.ts'
import { billable } from './billable.ts'
import { functions } from './functions.ts'
import { guardRails } from './guard-rails.ts'
import { identify } from './identify.ts'
import { bill } from './prices.ts'
import { quotaWall } from './quota-wall.ts'
import { storage } from './storage.ts'

/** How Google Cloud behaves, as far as the engine's programs go and a step beyond. */
export default {
  provider: 'gcp',
  engine: 'ggc',
  identify,
  resources: walled({ ...storage, ...functions, ...billable, ...guardRails }, quotaWall),
  api,
  callerOf,
  bill,
} satisfies SimulatedCloud
