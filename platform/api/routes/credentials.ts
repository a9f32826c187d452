import { z } from 'zod'
import { environmentNameSchema } from '../../../engines/contract/words.ts'
import { findClaim } from '../../store/claims.ts'
import { callerOf } from '../authenticate.ts'
import { knownEngine } from '../known-engine.ts'
import { printableSchema } from '../page.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const keptSchema = z
  .object({
    name: z.string(),
    setAt: z.string(),
    setBy: z.string().meta({ description: 'Id of the token that set it' }),
  })
  .meta({ id: 'KeptCredential' })

const credentialsSchema = z
  .object({
    engine: z.string(),
    way: z.string().nullable().meta({ description: 'The way that is used; null: none is complete' }),
    needed: z.array(
      z.object({
        name: z.string().meta({ description: 'The variable, or with _FILE behind it the one with the path of a file' }),
        secret: z.boolean(),
        from: z
          .enum(['environment', 'file', 'kept', 'sandbox'])
          .optional()
          .meta({ description: 'Missing: it is not there. `kept`: set through this API' }),
        problem: z.string().optional(),
      }),
    ),
    otherWays: z.array(z.object({ name: z.string(), needs: z.array(z.string()) })),
    kept: z.array(keptSchema),
    own: z.boolean().meta({ description: "Whether they are the account's own; else the platform's" }),
    cloudAccount: z.string().nullable(),
    closed: z.string().nullable(),
    hint: z.string().optional(),
  })
  .meta({ id: 'Credentials' })

const paramsSchema = z.object({ engine: printableSchema })
const whoseSchema = z.object({
  account: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: "Name of another account: for the platform's owner only" }),
})
/** Bytes of one value: a key in PEM or JSON. */
const MOST_BYTES = 32 * 1024

/** What an account is let in with at the platforms. Values go in and never come out. */
export const credentialRoutes: Routes = (api, context) => {
  api.get(
    '/v1/engines/:engine/credentials',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'What an engine needs to be let in at its platform, and what of it is there; never a value',
        params: paramsSchema,
        querystring: whoseSchema,
        response: { 200: credentialsSchema, default: problemResponse },
      },
    },
    async (request) => {
      const account = await context.accounts.whose(callerOf(request).account, request.query.account)
      const engines = await context.enginesFor(account)
      const asked = request.params.engine
      const byAccount = engines.find(({ cloudAccount }) => cloudAccount.ok && cloudAccount.id === asked)
      const { code, credentials = [], way, otherWays = [], cloudAccount } = byAccount ?? knownEngine(engines, asked)
      const claim = await findClaim(context.db, account, code, true)
      return {
        engine: code,
        way: way ?? null,
        needed: credentials,
        otherWays,
        kept: await context.credentials.list({ account, engine: code }),
        own: claim !== undefined || credentials.some((one) => one.from === 'kept'),
        cloudAccount: cloudAccount.ok ? cloudAccount.id : (claim?.cloudAccount ?? null),
        closed: cloudAccount.ok ? null : cloudAccount.reason,
        ...(cloudAccount.ok ? {} : { hint: cloudAccount.hint }),
      }
    },
  )

  api.put(
    '/v1/engines/:engine/credentials',
    {
      config: { access: 'owner' },
      schema: {
        summary: "Set an account's own credentials at an engine, all of them at once",
        description:
          'Kept sealed. Names are those of the environment, with the account, plan and consent that go with them. They are used once the platform itself has confirmed whose they are.',
        params: paramsSchema,
        querystring: whoseSchema,
        body: z.strictObject({
          values: z.record(environmentNameSchema, z.string().min(1).max(MOST_BYTES)),
        }),
        response: { 200: z.object({ items: z.array(keptSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { account: caller, token } = callerOf(request)
      const account = await context.accounts.whose(caller, request.query.account)
      const { code } = knownEngine(context.engines, request.params.engine)
      const items = await context.credentials.set({ account, engine: code, values: request.body.values, by: token })
      // So that the platform is asked about them at once.
      await context.enginesFor(account)
      return { items }
    },
  )

  api.delete(
    '/v1/engines/:engine/credentials',
    {
      config: { access: 'owner' },
      schema: {
        summary:
          "Take an account's own credentials at an engine away; what runs there runs on, and can be changed no more",
        params: paramsSchema,
        querystring: whoseSchema,
        response: { 204: z.null(), default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account: caller, token } = callerOf(request)
      const account = await context.accounts.whose(caller, request.query.account)
      const { code } = knownEngine(context.engines, request.params.engine)
      await context.credentials.remove({ account, engine: code, by: token })
      return reply.code(204).send(null)
    },
  )
}
