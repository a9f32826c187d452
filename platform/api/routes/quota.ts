import { z } from 'zod'
import { quota } from '../../store/quota.ts'
import { callerOf } from '../authenticate.ts'
import { knownEngine } from '../known-engine.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const quotaLineSchema = z
  .object({
    cloudAccount: z.string(),
    engine: z.string(),
    meter: z.string(),
    scope: z.string(),
    unit: z.string(),
    period: z.string(),
    limit: z.number(),
    held: z.number(),
    used: z.number(),
    left: z.number(),
    observed: z.number(),
    over: z.boolean().meta({ description: 'More is held, used or observed than the facts allow' }),
    class: z.enum(['proven', 'watched', 'unbounded']),
    title: z.string(),
    resets: z.string().optional(),
    holders: z.array(z.object({ workspace: z.string(), resource: z.string(), amount: z.number() })),
  })
  .meta({ id: 'QuotaLine' })

export const quotaRoutes: Routes = (api, context) => {
  api.get(
    '/v1/quota',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The ledger: limit, held, used, left, and who holds it',
        querystring: z.object({ cloud: z.string().max(20).optional().meta({ description: 'Engine code' }) }),
        response: { 200: z.object({ items: z.array(quotaLineSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { cloud } = request.query
      if (cloud !== undefined) knownEngine(context.engines, cloud)
      return { items: await quota(context.db, callerOf(request).account, cloud) }
    },
  )
}
