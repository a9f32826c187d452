import { z } from 'zod'
import { quota } from '../../store/quota.ts'
import { callerOf } from '../authenticate.ts'
import { knownEngine } from '../known-engine.ts'
import { problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

const quotaLineSchema = z
  .object({
    cloudAccount: z.string(),
    engine: z.string(),
    meter: z.string(),
    scope: z.string(),
    title: z.string(),
    unit: z.string(),
    period: z.string(),
    pays: z.enum(['free', 'budget', 'credit']).meta({ description: "A platform's allowance, or the owner's money" }),
    limit: z.number(),
    held: z.number(),
    gone: z.number().meta({ description: 'What of `held` has passed by now' }),
    used: z.number().meta({ description: 'By what was given back' }),
    left: z.number(),
    leftNext: z.number().meta({ description: 'Of the period after this one' }),
    standing: z.number().meta({ description: 'What goes on into the period after this one' }),
    observed: z.number().meta({ description: 'Beside ours: use outside, strays' }),
    reading: z.number().optional().meta({ description: 'What the platform itself last said, ours included' }),
    readAt: z.string().optional(),
    over: z.boolean().meta({ description: 'More is held, used or observed than the facts allow' }),
    class: z.enum(['proven', 'watched', 'unbounded']),
    resets: z.string().optional(),
    price: z.number().optional().meta({ description: 'USD for one unit beyond; missing: nobody knows' }),
    holders: z.array(
      z.object({
        workspace: z.string(),
        resource: z.string(),
        amount: z.number(),
        part: z.number().optional(),
        class: z.enum(['proven', 'watched', 'unbounded']),
        endsAt: z.string().optional(),
        paid: z.number().optional().meta({ description: 'What of it money pays for' }),
      }),
    ),
  })
  .meta({ id: 'QuotaLine' })

const reconciledSchema = z
  .object({
    id: z.string(),
    engine: z.string(),
    at: z.string(),
    differences: z.array(
      z.object({
        kind: z.enum(['stray', 'orphan', 'missing', 'more', 'less', 'uncertain', 'unknown']),
        type: z.string(),
        id: z.string(),
        workspace: z.string().optional(),
        meter: z.string().optional(),
        scope: z.string().optional(),
        held: z.number().optional(),
        found: z.number().optional(),
        action: z.string().meta({ description: 'What was done about it' }),
      }),
    ),
    beside: z
      .array(z.object({ kind: z.enum(['stray', 'orphan', 'unknown']), type: z.string(), id: z.string() }))
      .meta({ description: 'All that exists there beside ours, counted already or new' }),
    failed: z
      .object({ code: z.string(), message: z.string(), hint: z.string().optional() })
      .optional()
      .meta({ description: 'Why its platform could not be asked' }),
  })
  .meta({ id: 'Reconciled' })

const cloudSchema = z.string().max(20).optional().meta({ description: 'Engine code' })

export const quotaRoutes: Routes = (api, context) => {
  api.get(
    '/v1/quota',
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'The ledger: limit, held, used, left, and who holds it',
        querystring: z.object({
          cloud: cloudSchema,
          meter: z.string().max(100).optional().meta({ description: 'Part of the name of meters' }),
        }),
        response: { 200: z.object({ items: z.array(quotaLineSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { cloud, meter } = request.query
      if (cloud !== undefined) knownEngine(context.engines, cloud)
      const lines = await quota(context.db, callerOf(request).account, cloud)
      return { items: meter === undefined ? lines : lines.filter((line) => line.meter.includes(meter)) }
    },
  )

  api.post(
    '/v1/quota/reconcile',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Recompute what is held from what the stacks and the platforms really hold',
        description:
          'Answers when it is done, which may take minutes. What differs is corrected; a second run finds nothing.',
        body: z.strictObject({ cloud: cloudSchema }),
        response: { 200: z.object({ cloudAccounts: z.array(reconciledSchema) }), default: problemResponse },
      },
    },
    async (request) => {
      const { cloud } = request.body
      if (cloud !== undefined) knownEngine(context.engines, cloud)
      return context.reconcile(callerOf(request).account, cloud)
    },
  )
}
