import { z } from 'zod'
import { statusSchema } from '../../../factory/contract/status.ts'
import { kindSchema } from '../../store/deployment.ts'
import { openDeployments } from '../../store/open-deployments.ts'
import { callerOf } from '../authenticate.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const entrySchema = z
  .object({
    position: z
      .number()
      .nullable()
      .meta({ description: 'Place among those that wait for the same engine, from 1; null while it is worked on' }),
    id: z.string(),
    workspace: z.string(),
    kind: kindSchema,
    engine: z.string(),
    status: statusSchema,
    attempt: z.number(),
    waitedMs: z.number(),
    waitingFor: z.string().nullable(),
  })
  .meta({ id: 'QueueEntry' })

export const queueRoutes: Routes = (api, context) => {
  api.get(
    '/v1/queue',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'What is under way: its place, and what it waits for',
        response: { 200: z.object({ items: z.array(entrySchema) }), default: problemResponse },
      },
    },
    async (request) => ({ items: await openDeployments(context.db, callerOf(request).account) }),
  )
}
