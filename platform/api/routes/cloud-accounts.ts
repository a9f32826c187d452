import { z } from 'zod'
import { unknownAccount } from '../../commander/wishes.ts'
import { cloudAccountStateSchema, findCloudAccount, listCloudAccounts } from '../../store/cloud-account-state.ts'
import { creditSchema, listCredits, withdrawCredit } from '../../store/credit.ts'
import { callerOf } from '../authenticate.ts'
import { knownEngine } from '../known-engine.ts'
import { printableSchema } from '../page.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const accountSchema = cloudAccountStateSchema.meta({ id: 'CloudAccount' })
const shownCreditSchema = creditSchema.meta({ id: 'Credit' })
const cloudQuery = z.object({ cloud: z.string().max(20).optional().meta({ description: 'Engine code' }) })

/** Who the platforms bill: on which terms, behind which switch, with what money of the owner's. */
export const cloudAccountRoutes: Routes = (api, context) => {
  api.get(
    '/v1/cloud-accounts',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Who the platforms bill: plan, switch, armed or not, budget and credit',
        querystring: cloudQuery,
        response: { 200: z.object({ items: z.array(accountSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { cloud } = request.query
      if (cloud !== undefined) knownEngine(context.engines, cloud)
      return { items: await listCloudAccounts(context.db, callerOf(request).account, cloud) }
    },
  )

  api.get(
    '/v1/cloud-accounts/:id',
    {
      config: { access: 'viewer' },
      schema: {
        summary: "One of them, by its platform's id or the engine's code",
        params: z.object({ id: printableSchema }),
        response: { 200: accountSchema, default: problemResponse },
      },
    },
    async (request) => {
      const { id } = request.params
      const found = await findCloudAccount(context.db, callerOf(request).account, id)
      if (!found) throw unknownAccount(id)
      return found
    },
  )

  api.get(
    '/v1/credits',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Money that was put in once, each part with its last day',
        querystring: cloudQuery,
        response: { 200: z.object({ items: z.array(shownCreditSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { cloud } = request.query
      if (cloud !== undefined) knownEngine(context.engines, cloud)
      return { items: await listCredits(context.db, callerOf(request).account, cloud) }
    },
  )

  api.delete(
    '/v1/credits/:id',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Take a credit back, at once',
        description: 'What it pays for stays held and runs on; nothing more is granted on it.',
        params: z.object({ id: printableSchema }),
        response: { 200: shownCreditSchema, default: problemResponse },
      },
    },
    async (request) => {
      const { account, token } = callerOf(request)
      return withdrawCredit(context.db, account, request.params.id, token)
    },
  )
}
