import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { nameSchema } from '../../../engines/contract/manifest.ts'
import { statusSchema } from '../../../factory/contract/status.ts'
import { getWorkspace, listWorkspaces } from '../../store/list-workspaces.ts'
import { callerOf } from '../authenticate.ts'
import { pageQuerySchema, pageSchema, toPage } from '../page.ts'
import { kindSchema, problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const workspaceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    account: z.string(),
    live: z.boolean().meta({ description: 'Something of it stands at its platform' }),
    engine: z.string().optional(),
    region: z.string().optional(),
    cloudAccount: z.string().optional(),
    commit: z.string().optional(),
    outputs: z.record(z.string(), z.unknown()),
    created: z.string(),
    resources: z.array(z.object({ urn: z.string(), type: z.string(), id: z.string() })),
    last: z.object({ id: z.string(), kind: kindSchema, status: statusSchema }).optional(),
  })
  .meta({ id: 'Workspace' })

export const workspaceRoutes: Routes = (api, context) => {
  api.get(
    '/v1/workspaces',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Workspaces and where they run',
        querystring: pageQuerySchema,
        response: { 200: pageSchema(workspaceSchema), default: problemResponse },
      },
    },
    async (request) =>
      toPage(await listWorkspaces(context.db, { account: callerOf(request).account, ...request.query })),
  )

  api.get(
    '/v1/workspaces/:name',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One workspace',
        params: z.object({ name: nameSchema }),
        response: { 200: workspaceSchema, default: problemResponse },
      },
    },
    async (request) => {
      const workspace = await getWorkspace(context.db, callerOf(request).account, request.params.name)
      if (!workspace)
        throw new PipiError('not-found', `there is no workspace "${request.params.name}"`, {
          hint: 'GET /v1/workspaces lists them',
        })
      return workspace
    },
  )
}
