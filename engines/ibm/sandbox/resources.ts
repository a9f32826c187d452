import type { SimulatedCloud } from '../../../stacks/contract/sandbox.ts'
import { access } from './access.ts'
import { api, callerOf, mostBytes } from './api.ts'
import { apps } from './apps.ts'
import { codeEngine } from './code-engine.ts'
import { bill } from './prices.ts'
import { registryResources } from './registry.ts'
import { services } from './services.ts'

/** How IBM Cloud behaves, as far as the engine's programs go: its HTTP APIs, which our own provider asks. */
export default {
  provider: 'ibm',
  engine: 'ibm',
  resources: { ...codeEngine, ...apps, ...registryResources, ...services, ...access },
  // Loaded when the sandbox starts, and its SDK when somebody asks IBM.
  ownProviders: { ibm: async (base) => (await import('../provider/index.ts')).ibmProvider(base) },
  api,
  callerOf,
  mostBytes,
  bill,
} satisfies SimulatedCloud
