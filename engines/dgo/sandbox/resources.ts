import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { api, callerOf } from './api.ts'
import { app } from './app.ts'
import { billable } from './billable.ts'
import { identify } from './identify.ts'
import { names } from './names.ts'
import { bill } from './prices.ts'

/** How DigitalOcean behaves, as far as the engine's programs go and a step beyond. */
export default {
  provider: 'digitalocean',
  engine: 'dgo',
  identify,
  resources: { ...app, ...names, ...billable },
  api,
  callerOf,
  bill,
} satisfies SimulatedCloud
