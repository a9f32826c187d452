import { z } from 'zod'
import type { Routes } from './index.ts'

const partsSchema = z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() }))

export const healthRoutes: Routes = (api, context) => {
  api.get(
    '/healthz',
    {
      config: { access: 'public' },
      schema: { summary: 'Whether the process lives', response: { 200: z.object({ ok: z.literal(true) }) } },
    },
    async () => ({ ok: true as const }),
  )

  api.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Whether every part answers',
        response: {
          200: z.object({ ok: z.boolean(), parts: partsSchema }),
          503: z.object({ ok: z.boolean(), parts: partsSchema }),
        },
      },
    },
    async (_request, reply) => {
      const parts = await context.ready()
      const ok = Object.values(parts).every((part) => part.ok)
      return reply.code(ok ? 200 : 503).send({ ok, parts })
    },
  )

  api.get('/metrics', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) => {
    reply.header('content-type', context.metrics.contentType)
    return context.metrics.metrics()
  })

  api.get('/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () => api.swagger())
}
