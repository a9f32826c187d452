import { z } from 'zod'
import { callerOf } from '../authenticate.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const hostSchema = z
  .object({
    engine: z.string(),
    name: z.string().meta({ description: 'The region of that engine' }),
    via: z.enum(['local', 'ssh']),
    address: z.string().meta({ description: 'Under which what runs there is reached' }),
    labels: z.record(z.string(), z.string()),
    state: z.enum(['up', 'connecting', 'away']),
    why: z.string().optional().meta({ description: 'Why it is away' }),
    since: z.string().optional(),
    keptBy: z.string().optional().meta({ description: 'What keeps its supervisor running' }),
    room: z.array(
      z.object({
        meter: z.string(),
        unit: z.string(),
        limit: z.number(),
        held: z.number(),
        left: z.number(),
        over: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'Host' })

export const hostRoutes: Routes = (api, context) => {
  api.get(
    '/v1/hosts',
    {
      config: { access: 'viewer' },
      schema: {
        summary: "The machines of one's own: how each is now, and what of it is left",
        response: { 200: z.object({ items: z.array(hostSchema) }), default: problemResponse },
      },
    },
    async (request) => ({ items: await context.hosts(callerOf(request).account) }),
  )
}
