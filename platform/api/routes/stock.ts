import { z } from 'zod'
import { listClones } from '../../store/stock.ts'
import { callerOf } from '../authenticate.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const stockSchema = z
  .object({
    engine: z.string(),
    wanted: z.number(),
    waiting: z.number(),
    trouble: z.string().nullable().meta({ description: 'Why no clone comes up' }),
    clones: z.array(
      z.object({
        clone: z.string(),
        state: z.string(),
        running: z.array(z.string()),
        capacity: z.number(),
        host: z.string(),
        pid: z.number(),
      }),
    ),
  })
  .meta({ id: 'EngineStock' })

export const stockRoutes: Routes = (api, context) => {
  api.get(
    '/v1/stock',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The clones of each engine: alive, busy, draining, wanted',
        response: { 200: z.object({ items: z.array(stockSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const [clones, waiting, engines] = await Promise.all([
        listClones(context.db),
        context.waiting(),
        context.enginesFor(callerOf(request).account),
      ])
      return {
        items: engines
          .filter((engine) => engine.cloudAccount.ok)
          .map((engine) => {
            const { wanted, trouble } = context.wanted(engine.code)
            return {
              engine: engine.code,
              wanted,
              trouble: trouble ?? null,
              waiting: waiting[engine.code] ?? 0,
              clones: clones.filter((clone) => clone.engine === engine.code),
            }
          }),
      }
    },
  )
}
