import { z } from 'zod'
import { addToken, listTokens, withdrawToken } from '../../store/tokens-of.ts'
import { callerOf } from '../authenticate.ts'
import { printableSchema } from '../page.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

/** Also the name of a folder, where the account's credentials may lie. */
const nameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/,
    '1 to 64 letters, digits, ".", "_", "@" and "-", a letter or digit first',
  )
const roleSchema = z.enum(['owner', 'deployer', 'viewer'])
const accountSchema = z.object({ id: z.string(), name: z.string(), since: z.string() }).meta({ id: 'Account' })
const tokenSchema = z
  .object({
    id: z.string(),
    role: roleSchema,
    note: z.string(),
    since: z.string(),
    expires: z.string().nullable(),
    revoked: z.string().nullable(),
  })
  .meta({ id: 'Token' })
const newTokenSchema = z
  .object({ id: z.string(), secret: z.string().meta({ description: 'Its text: given once and kept nowhere' }) })
  .meta({ id: 'NewToken' })
const whoseSchema = z.object({
  account: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: "Name of another account: for the platform's owner only" }),
})
const DAY_MS = 86_400_000

/** The accounts of a platform, and the tokens that let in as them. A token's text goes out once. */
export const accountRoutes: Routes = (api, context) => {
  api.get(
    '/v1/accounts',
    {
      config: { access: 'owner' },
      schema: {
        summary: "The platform's accounts: all of them for its owner, for another account itself",
        response: { 200: z.object({ items: z.array(accountSchema) }), default: problemResponse },
      },
    },
    async (request) => ({ items: await context.accounts.list(callerOf(request).account) }),
  )

  api.post(
    '/v1/accounts',
    {
      config: { access: 'owner' },
      schema: {
        summary: "Open another account, with a first token of its owner; for the platform's owner only",
        body: z.strictObject({ name: nameSchema }),
        response: {
          201: z.object({ id: z.string(), name: z.string(), token: newTokenSchema }),
          default: problemResponse,
        },
      },
    },
    async (request, reply) => {
      const { account, token } = await context.accounts.open(request.body.name, callerOf(request))
      return reply.code(201).send({ id: account.id, name: account.name, token })
    },
  )

  api.get(
    '/v1/tokens',
    {
      config: { access: 'owner' },
      schema: {
        summary: "An account's tokens: roles, notes, since when; never a text of one",
        querystring: whoseSchema,
        response: { 200: z.object({ items: z.array(tokenSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const account = await context.accounts.whose(callerOf(request).account, request.query.account)
      return { items: await listTokens(context.db, account) }
    },
  )

  api.post(
    '/v1/tokens',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Make a token; its text is in this answer alone',
        querystring: whoseSchema,
        body: z.strictObject({
          role: roleSchema,
          note: z.string().max(200).default(''),
          days: z.int().min(1).max(3650).optional().meta({ description: 'Until it expires; missing: it does not' }),
        }),
        response: { 201: newTokenSchema, default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account: caller, token: by } = callerOf(request)
      const account = await context.accounts.whose(caller, request.query.account)
      const { role, note, days } = request.body
      const expires = days === undefined ? {} : { expiresAt: new Date(Date.now() + days * DAY_MS) }
      return reply.code(201).send(await addToken(context.db, { account, role, note, by, ...expires }))
    },
  )

  api.delete(
    '/v1/tokens/:id',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Revoke a token: it lets in nobody from now on',
        params: z.object({ id: printableSchema }),
        querystring: whoseSchema,
        response: { 204: z.null(), default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account: caller, token: by } = callerOf(request)
      const account = await context.accounts.whose(caller, request.query.account)
      await withdrawToken(context.db, { account, id: request.params.id, by })
      return reply.code(204).send(null)
    },
  )
}
