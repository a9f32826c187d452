import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { OWN } from '../own-types.ts'
import { api, callerOf } from './api.ts'
import { contents } from './contents.ts'
import { guardRails } from './guard-rails.ts'
import { identify, tokenFor } from './identify.ts'
import { policyWall } from './policy-wall.ts'
import { bill } from './prices.ts'
import { things } from './things.ts'

/** How Azure behaves, as far as the engine's programs, walls and look-ups go and a step beyond. */
export default {
  provider: 'azure-native',
  alsoProvides: [OWN.provider],
  engine: 'azu',
  identify,
  resources: walled({ ...things, ...contents, ...guardRails }, policyWall),
  invokes: {
    'azure-native:authorization:getClientConfig': async (_args, world) => ({ subscriptionId: world.cloudAccount }),
    'azure-native:authorization:getClientToken': async (_args, world) => ({ token: tokenFor(world.cloudAccount) }),
  },
  callerOf,
  api,
  bill,
} satisfies SimulatedCloud
