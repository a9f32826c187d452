import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { walled } from '../../parts/sandbox/walled.ts'
import { api, callerOf } from './api.ts'
import { billable } from './billable.ts'
import { functionUrls } from './function-urls.ts'
import { functions } from './functions.ts'
import { guardRails } from './guard-rails.ts'
import { iamWall } from './iam-wall.ts'
import { identify } from './identify.ts'
import { identities } from './identities.ts'
import { logs } from './logs.ts'
import { bill } from './prices.ts'
import { schedules } from './schedules.ts'
import { tables } from './tables.ts'

/** How AWS behaves, as far as the engine's programs go and a step beyond. */
export default {
  provider: 'aws',
  engine: 'aws',
  identify,
  resources: walled(
    { ...identities, ...functions, ...functionUrls, ...logs, ...tables, ...schedules, ...billable, ...guardRails },
    iamWall,
  ),
  invokes: {
    'aws:index/getCallerIdentity:getCallerIdentity': async (_args, world) => ({ accountId: world.cloudAccount }),
  },
  api,
  callerOf,
  bill,
} satisfies SimulatedCloud
