import { z } from 'zod'
import { journalAfter } from '../../store/journal-after.ts'
import { callerOf } from '../authenticate.ts'
import { printableSchema } from '../page.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const recordSchema = z
  .object({
    account: z.string().optional(),
    workspace: z.string().optional(),
    deployment: z.string().optional(),
    seq: z.number(),
    at: z.string(),
    actor: z.string(),
    event: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'JournalRecord' })

export const journalRoutes: Routes = (api, context) => {
  api.get(
    '/v1/journal',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Every change, in order',
        querystring: z.object({
          after: z.coerce.number().int().min(0).default(0),
          limit: z.coerce.number().int().min(1).max(1000).default(200),
          deployment: printableSchema.optional(),
        }),
        response: {
          200: z.object({ items: z.array(recordSchema), next: z.number().nullable() }),
          default: problemResponse,
        },
      },
    },
    async (request) => {
      const { after, limit, deployment } = request.query
      const items = await journalAfter(context.db, { account: callerOf(request).account, after, limit, deployment })
      return { items, next: items.length === limit ? (items.at(-1)?.seq ?? null) : null }
    },
  )
}
