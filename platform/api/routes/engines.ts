import { z } from 'zod'
import { listClones } from '../../store/stock.ts'
import { knownEngine } from '../known-engine.ts'
import { printableSchema } from '../page.ts'
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

const credentialsSchema = z
  .object({
    engine: z.string(),
    needed: z.array(
      z.object({
        name: z.string().meta({ description: 'The variable, or with _FILE behind it the one with the path of a file' }),
        secret: z.boolean(),
        from: z.enum(['environment', 'file', 'sandbox']).optional().meta({ description: 'Missing: it is not there' }),
        problem: z.string().optional(),
      }),
    ),
    cloudAccount: z.string().nullable(),
    closed: z.string().nullable(),
    hint: z.string().optional(),
  })
  .meta({ id: 'Credentials' })

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
    async () => {
      const clones = await listClones(context.db)
      return {
        items: context.engines.map((engine) => ({
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

  api.get(
    '/v1/engines/:engine/credentials',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'What an engine needs to be let in at its platform, and what of it is there; never a value',
        params: z.object({ engine: printableSchema }),
        response: { 200: credentialsSchema, default: problemResponse },
      },
    },
    async (request) => {
      const asked = request.params.engine
      const byAccount = context.engines.find(({ cloudAccount }) => cloudAccount.ok && cloudAccount.id === asked)
      const { code, credentials = [], cloudAccount } = byAccount ?? knownEngine(context.engines, asked)
      return {
        engine: code,
        needed: credentials,
        cloudAccount: cloudAccount.ok ? cloudAccount.id : null,
        closed: cloudAccount.ok ? null : cloudAccount.reason,
        ...(cloudAccount.ok ? {} : { hint: cloudAccount.hint }),
      }
    },
  )
}
