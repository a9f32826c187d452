import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { passwordProvider } from '../../parts/password/password-type.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { OWN } from '../own-types.ts'
import { api, callerOf } from './api.ts'
import { compute } from './compute.ts'
import { databases } from './databases.ts'
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
  ownProviders: { [OWN.provider]: async () => passwordProvider(OWN.provider, OWN.password) },
  identify,
  resources: walled({ ...compute, ...network, ...storage, ...databases, ...guardRails }, quotaWall),
  invokes,
  api,
  callerOf,
  bill,
} satisfies SimulatedCloud
