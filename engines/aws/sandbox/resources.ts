import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { api, callerOf } from './api.ts'
import { billable } from './billable.ts'
import { functionUrls } from './function-urls.ts'
import { functions } from './functions.ts'
import { identify } from './identify.ts'
import { identities } from './identities.ts'
import { logs } from './logs.ts'
import { bill } from './prices.ts'
import { tables } from './tables.ts'

/** How AWS behaves, as far as the engine's programs go and a step beyond. */
export default {
  provider: 'aws',
  engine: 'aws',
  identify,
  resources: { ...identities, ...functions, ...functionUrls, ...logs, ...tables, ...billable },
  api,
  callerOf,
  bill,
} satisfies SimulatedCloud
