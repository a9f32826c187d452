import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { api, callerOf } from './api.ts'
import { billable } from './billable.ts'
import { firestore } from './firestore.ts'
import { functions } from './functions.ts'
import { guardRails } from './guard-rails.ts'
import { identify } from './identify.ts'
import { getAccount, identities } from './identities.ts'
import { bill } from './prices.ts'
import { quotaWall } from './quota-wall.ts'
import { scheduler } from './scheduler.ts'
import { storage } from './storage.ts'

/** How Google Cloud behaves, as far as the engine's programs go and a step beyond. */
export default {
  provider: 'gcp',
  engine: 'ggc',
  identify,
  resources: walled(
    { ...storage, ...functions, ...identities, ...scheduler, ...firestore, ...billable, ...guardRails },
    quotaWall,
  ),
  invokes: { 'gcp:serviceaccount/getAccount:getAccount': getAccount },
  api,
  callerOf,
  bill,
} satisfies SimulatedCloud
