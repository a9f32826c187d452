import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { OWN } from '../own-types.ts'
import { mostBytes } from './api/images.ts'
import { api, callerOf } from './api.ts'
import { billable } from './billable.ts'
import { firestore } from './firestore.ts'
import { functions } from './functions.ts'
import { guardRails } from './guard-rails.ts'
import { identify } from './identify.ts'
import { getAccount, identities } from './identities.ts'
import { images } from './images.ts'
import { invokers } from './invokers.ts'
import { bill } from './prices.ts'
import { quotaWall } from './quota-wall.ts'
import { scheduler } from './scheduler.ts'
import { services } from './services.ts'
import { storage } from './storage.ts'

/** How Google Cloud behaves, as far as the engine's programs go and a step beyond. */
export default {
  provider: 'gcp',
  engine: 'ggc',
  identify,
  resources: walled(
    {
      ...storage,
      ...functions,
      ...services,
      ...invokers,
      ...images,
      ...identities,
      ...scheduler,
      ...firestore,
      ...billable,
      ...guardRails,
    },
    quotaWall,
  ),
  // Loaded when the sandbox starts: what it brings goes by the registry's own HTTP API.
  ownProviders: { [OWN.provider]: async (base) => (await import('../provider/index.ts')).ownProvider(base) },
  invokes: { 'gcp:serviceaccount/getAccount:getAccount': getAccount },
  api,
  mostBytes,
  callerOf,
  bill,
} satisfies SimulatedCloud
