import { z } from 'zod'
import { sayWish } from '../../commander/say-wish.ts'
import { findCloudAccount } from '../../store/cloud-account-state.ts'
import { listProposals, type Proposal, wishSchema } from '../../store/proposal.ts'
import { withdrawProposal } from '../../store/withdraw-proposal.ts'
import { callerOf } from '../authenticate.ts'
import { printableSchema } from '../page.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const proposalSchema = z
  .object({
    id: z.string(),
    cloudAccount: z.string(),
    engine: z.string(),
    what: z.string(),
    value: z.record(z.string(), z.unknown()),
    state: z
      .enum(['open', 'confirmed', 'withdrawn', 'expired'])
      .meta({ description: 'Only what is confirmed holds; what closes further is so at once' }),
    says: z.string().optional().meta({ description: 'What it does in words, while it is open' }),
    proposedBy: z.string(),
    proposedAt: z.string(),
    confirmBefore: z.string(),
    confirmedBy: z.string().optional(),
    confirmedAt: z.string().optional(),
  })
  .meta({ id: 'Proposal' })

const idSchema = z.object({ id: printableSchema })

/** What opens a cloud account wider takes two steps, both the owner's; what closes it further takes one. */
export const proposalRoutes: Routes = (api, context) => {
  api.post(
    '/v1/cloud-accounts/:id/proposals',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Say what is to be otherwise: budget, credit, watched, stale, plan, on-burn, switch',
        description:
          'What opens wider does nothing until it is confirmed; what closes further holds at once. The same again is the same.',
        params: idSchema,
        body: wishSchema,
        response: { 201: proposalSchema, default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account, token } = callerOf(request)
      const { proposal, before } = await context.wishes.propose({
        account,
        cloudAccount: request.params.id,
        wish: request.body,
        by: token,
      })
      return reply.code(201).send({ ...shown(proposal), says: sayWish(proposal, before) })
    },
  )

  api.get(
    '/v1/cloud-accounts/:id/proposals',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'What was proposed for a cloud account, newest first',
        params: idSchema,
        response: { 200: z.object({ items: z.array(proposalSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { account } = callerOf(request)
      const cloud = await findCloudAccount(context.db, account, request.params.id)
      const all = await listProposals(context.db, account, cloud?.id ?? request.params.id)
      return {
        items: all.map((one) => ({
          ...shown(one),
          ...(one.state === 'open' && cloud ? { says: sayWish(one, cloud) } : {}),
        })),
      }
    },
  )

  api.post(
    '/v1/proposals/:id/confirm',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'The second step: it holds from now on',
        params: idSchema,
        response: { 200: proposalSchema, default: problemResponse },
      },
    },
    async (request) => {
      const { account, token } = callerOf(request)
      return shown(await context.wishes.confirm({ account, id: request.params.id, by: token }))
    },
  )

  api.delete(
    '/v1/proposals/:id',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Take a proposal back',
        params: idSchema,
        response: { 200: proposalSchema, default: problemResponse },
      },
    },
    async (request) => {
      const { account, token } = callerOf(request)
      return shown(await withdrawProposal(context.db, account, request.params.id, token))
    },
  )
}

function shown({ account: _account, ...proposal }: Proposal) {
  return proposal
}
