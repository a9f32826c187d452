import type { ApiContext } from '../context.ts'
import type { Api } from '../server.ts'
import { accountRoutes } from './accounts.ts'
import { adoptRoutes } from './adopt.ts'
import { catalogRoutes } from './catalog.ts'
import { cloudAccountVerbRoutes } from './cloud-account-verbs.ts'
import { cloudAccountRoutes } from './cloud-accounts.ts'
import { configRoutes } from './config.ts'
import { credentialRoutes } from './credentials.ts'
import { deploymentRoutes } from './deployments.ts'
import { engineRoutes } from './engines.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { hostRoutes } from './hosts.ts'
import { journalRoutes } from './journal.ts'
import { proposalRoutes } from './proposals.ts'
import { queueRoutes } from './queue.ts'
import { quotaRoutes } from './quota.ts'
import { sandboxRoutes } from './sandbox.ts'
import { secretRoutes } from './secrets.ts'
import { stockRoutes } from './stock.ts'
import { uploadRoutes } from './uploads.ts'
import { workspaceRoutes } from './workspaces.ts'

export type Routes = (api: Api, context: ApiContext) => void | Promise<void>

export const ROUTES: readonly Routes[] = [
  deploymentRoutes,
  eventRoutes,
  uploadRoutes,
  workspaceRoutes,
  secretRoutes,
  configRoutes,
  adoptRoutes,
  quotaRoutes,
  cloudAccountRoutes,
  cloudAccountVerbRoutes,
  proposalRoutes,
  engineRoutes,
  credentialRoutes,
  accountRoutes,
  hostRoutes,
  stockRoutes,
  queueRoutes,
  catalogRoutes,
  sandboxRoutes,
  journalRoutes,
  healthRoutes,
]
