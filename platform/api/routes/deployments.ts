import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { nameSchema } from '../../../engines/contract/words.ts'
import { statusSchema } from '../../../factory/contract/status.ts'
import { intakeRequestSchema } from '../../commander/intake-request.ts'
import { DEPLOYMENT_WAY } from '../../commander/way.ts'
import { getDeployment } from '../../store/get-deployment.ts'
import { listDeployments } from '../../store/list-deployments.ts'
import { story } from '../../store/story.ts'
import { callerOf } from '../authenticate.ts'
import { idempotencySchema, pageQuerySchema, pageSchema, printableSchema, toPage } from '../page.ts'
import { deploymentSchema, problemResponse, storyLineSchema } from '../schemas.ts'
import type { Routes } from './index.ts'

const idSchema = z.object({ id: printableSchema })

export const deploymentRoutes: Routes = (api, context) => {
  api.post(
    '/v1/deployments',
    {
      config: { access: 'deployer' },
      schema: {
        summary: 'Deploy, preview, refresh, roll back or destroy a workspace',
        description: [
          'Validated as a whole, written down, and only then answered 202. With an Idempotency-Key the same request again is the same deployment. Its way:',
          ...DEPLOYMENT_WAY.map((step) => `- ${step.name} (${step.by}): ${step.does}`),
        ].join('\n'),
        headers: idempotencySchema,
        body: intakeRequestSchema,
        response: { 202: deploymentSchema, default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account, token, local } = callerOf(request)
      const key = request.headers['idempotency-key']
      const accepted = await context.intake({ ...request.body, account, local, by: token, key })
      const deployment = await context.withAlternatives(accepted)
      return reply.code(202).header('location', `/v1/deployments/${deployment.id}`).send(deployment)
    },
  )

  api.get(
    '/v1/deployments',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Deployments, newest first',
        querystring: pageQuerySchema.extend({ workspace: nameSchema.optional(), status: statusSchema.optional() }),
        response: { 200: pageSchema(deploymentSchema), default: problemResponse },
      },
    },
    async (request) =>
      toPage(await listDeployments(context.db, { account: callerOf(request).account, ...request.query })),
  )

  api.get(
    '/v1/deployments/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'One deployment',
        params: idSchema,
        response: { 200: deploymentSchema, default: problemResponse },
      },
    },
    async (request) => context.withAlternatives(await one(callerOf(request).account, request.params.id)),
  )

  api.post(
    '/v1/deployments/:id/cancel',
    {
      config: { access: 'deployer' },
      schema: {
        summary: 'Ask for its end',
        description: 'What waits ends at once; what runs ends as soon as that is safe.',
        params: idSchema,
        response: { 202: deploymentSchema, default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account, token } = callerOf(request)
      return reply.code(202).send(await context.cancel(account, request.params.id, token))
    },
  )

  api.get(
    '/v1/deployments/:id/story',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What a deployment told while it ran',
        params: idSchema,
        querystring: z.object({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(1000).default(1000),
        }),
        response: {
          200: z.object({ items: z.array(storyLineSchema), next: z.number().nullable() }),
          default: problemResponse,
        },
      },
    },
    async (request) => {
      const { account } = callerOf(request)
      const { after, limit } = request.query
      const { id } = await one(account, request.params.id)
      const items = await story(context.db, { account, deployment: id, after, limit })
      return { items, next: items.length === limit ? (items.at(-1)?.seq ?? null) : null }
    },
  )

  async function one(account: string, id: string) {
    const deployment = await getDeployment(context.db, account, id)
    if (!deployment)
      throw new PipiError('not-found', `no deployment has the id ${id}`, { hint: 'GET /v1/deployments lists them' })
    return deployment
  }
}
