import { z } from 'zod'
import { listClones } from '../../store/stock.ts'
import { callerOf } from '../authenticate.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const engineSchema = z
  .object({
    code: z.string(),
    name: z.string(),
    carries: z.array(z.string()).meta({ description: 'Component kinds with a free carrier' }),
    noCarrier: z.record(z.string(), z.string()).meta({ description: 'Why a kind has none' }),
    regions: z.array(z.string()),
    cloudAccount: z.object({ id: z.string(), plan: z.string() }).nullable(),
    /** Why nothing can be deployed there now. */
    closed: z.string().nullable(),
    clones: z.number(),
  })
  .meta({ id: 'Engine' })

export const engineRoutes: Routes = (api, context) => {
  api.get(
    '/v1/engines',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The engines, what each carries for free and where',
        response: { 200: z.object({ items: z.array(engineSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const [clones, engines] = await Promise.all([
        listClones(context.db),
        context.enginesFor(callerOf(request).account),
      ])
      return {
        items: engines.map((engine) => ({
          code: engine.code,
          name: engine.name,
          carries: engine.kinds,
          noCarrier: engine.noCarrier,
          regions: engine.regions,
          cloudAccount: engine.cloudAccount.ok ? { id: engine.cloudAccount.id, plan: engine.cloudAccount.plan } : null,
          closed: engine.cloudAccount.ok ? null : engine.cloudAccount.reason,
          clones: clones.filter((clone) => clone.engine === engine.code).length,
        })),
      }
    },
  )
}
