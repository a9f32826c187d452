import { z } from 'zod'
import { nameSchema } from '../../../engines/contract/words.ts'
import { judgeOrphans } from '../../commander/adopt.ts'
import { callerOf } from '../authenticate.ts'
import { idempotencySchema } from '../page.ts'
import { deploymentSchema, problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const orphanSchema = z
  .object({
    kind: z.enum(['orphan', 'uncertain']),
    type: z.string(),
    id: z.string().optional(),
    urn: z.string().optional(),
    inPlace: z.string().optional(),
    name: z.string().optional(),
    adoptable: z.boolean(),
    says: z.string().meta({ description: 'What would become of it, or why it cannot be taken in' }),
  })
  .meta({ id: 'Orphan' })

const paramsSchema = z.object({ name: nameSchema })

/** What a crash left of a workspace, or a survey found: shown, and taken in only when somebody says so. */
export const adoptRoutes: Routes = (api, context) => {
  api.get(
    '/v1/workspaces/:name/orphans',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What exists of it at its platform, or may, and no state knows; as the last survey found it',
        params: paramsSchema,
        response: { 200: z.object({ items: z.array(orphanSchema) }), default: problemResponse },
      },
    },
    async (request) => ({ items: await judgeOrphans(context.db, callerOf(request).account, request.params.name) }),
  )

  api.post(
    '/v1/workspaces/:name/adopt',
    {
      config: { access: 'deployer' },
      schema: {
        summary: 'Take in what can be adopted, by a deployment of what stands',
        params: paramsSchema,
        headers: idempotencySchema,
        response: { 202: deploymentSchema, default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account, token: by, local } = callerOf(request)
      const key = request.headers['idempotency-key']
      const deployment = await context.adopt({ account, workspace: request.params.name, by, local, key })
      return reply.code(202).header('location', `/v1/deployments/${deployment.id}`).send(deployment)
    },
  )
}
