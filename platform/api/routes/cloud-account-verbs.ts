import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import { unknownAccount } from '../../commander/wishes.ts'
import { type Claim, findClaim, requestClaim, waitForClaim } from '../../store/claims.ts'
import { requireTerms } from '../../store/cloud-account.ts'
import { type CloudAccountState, cloudAccountStateSchema, findCloudAccount } from '../../store/cloud-account-state.ts'
import { setSwitch } from '../../store/set-switch.ts'
import { failureOf, requestWatch, waitForWatch } from '../../store/watches.ts'
import { callerOf } from '../authenticate.ts'
import { idempotencySchema, printableSchema } from '../page.ts'
import { deploymentSchema, problemResponse } from '../schemas.ts'
import type { Routes } from './index.ts'

/** One answer waits so long for a clone; whoever asks goes on asking, milliseconds. */
const WAIT_MS = 15_000

const accountSchema = cloudAccountStateSchema.meta({ id: 'CloudAccount' })
const idSchema = z.object({ id: printableSchema })

/** What is done to a cloud account: its switch, whether it is what it claims to be, its own walls. */
export const cloudAccountVerbRoutes: Routes = (api, context) => {
  api.post(
    '/v1/cloud-accounts/:id/switch',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Turn the kill switch',
        description:
          '`stopped`: nothing new is made. `suspended`: and what burns is made to stand still. `open`: the way back, what stood still is resumed. At once.',
        params: idSchema,
        body: z.strictObject({
          to: z.enum(['open', 'stopped', 'suspended']),
          why: z.string().min(1).max(300).default('by hand'),
        }),
        response: { 200: accountSchema, default: problemResponse },
      },
    },
    async (request) => {
      const { account, token } = callerOf(request)
      const { id } = await known(account, request.params.id)
      await requireTerms(context.db, account, id)
      await setSwitch(context.db, id, request.body.to, request.body.why, token)
      return known(account, id)
    },
  )

  api.post(
    '/v1/cloud-accounts/:id/check',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'Have the platform asked whether the account is what it claims to be',
        description: 'A clone looks as soon as it can; `GET …/check?since=` waits for it.',
        params: idSchema,
        response: { 202: z.object({ cloudAccount: z.string(), since: z.string() }), default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account } = callerOf(request)
      const claim = await broughtBy(account, request.params.id)
      const asked = claim && (await requestClaim(context.db, account, claim.engine))
      if (claim && asked) {
        // What it brought is one thing, the cloud account that it uses another: both are asked about.
        const linked = await findCloudAccount(context.db, account, claim.cloudAccount)
        if (linked !== undefined) await requestWatch(context.db, linked.id, 'check')
        return reply.code(202).send({ cloudAccount: claim.cloudAccount, since: asked.toISOString() })
      }
      const { id, engine } = await known(account, request.params.id)
      const since = await requestWatch(context.db, id, 'check')
      if (since === undefined) {
        throw new PipiError('conflict.state', `the engine ${engine} has no way to ask its platform about an account`, {
          hint: 'what is deployed there is held by the ledger and the guard alone',
        })
      }
      return reply.code(202).send({ cloudAccount: id, since: since.toISOString() })
    },
  )

  api.get(
    '/v1/cloud-accounts/:id/check',
    {
      config: { access: 'owner' },
      schema: {
        summary: 'What came of it: waits a while; `done` false: ask again',
        params: idSchema,
        querystring: z.object({ since: z.iso.datetime() }),
        response: { 200: z.object({ done: z.boolean(), account: accountSchema }), default: problemResponse },
      },
    },
    async (request) => {
      const { account } = callerOf(request)
      const since = new Date(request.query.since)
      const brought = await broughtBy(account, request.params.id)
      if (brought !== undefined) {
        const before = await findCloudAccount(context.db, account, brought.cloudAccount)
        const [claim, looked] = await Promise.all([
          waitForClaim(context.db, account, brought.engine, since, WAIT_MS),
          before === undefined || lookedAt(before.id, since),
        ])
        if (claim?.error !== undefined) throw failureOf(claim.error)
        // Whom the platform has confirmed is let in at once.
        await context.enginesFor(account)
        const now = (await findClaim(context.db, account, brought.engine, true)) ?? brought
        const state = await findCloudAccount(context.db, account, now.cloudAccount)
        return { done: claim !== undefined && looked, account: state ?? stateOf(now) }
      }
      const { id } = await known(account, request.params.id)
      const done = await lookedAt(id, since)
      return { done, account: await known(account, id) }
    },
  )

  api.post(
    '/v1/cloud-accounts/:id/secure',
    {
      config: { access: 'owner' },
      schema: {
        summary: "Set the cloud account's own walls: budgets, policies, boundaries",
        params: idSchema,
        body: z.strictObject({ email: z.email().optional() }).nullish(),
        headers: idempotencySchema,
        response: { 202: deploymentSchema, default: problemResponse },
      },
    },
    async (request, reply) => {
      const { account, token } = callerOf(request)
      const deployment = await context.secure({
        account,
        cloudAccount: request.params.id,
        by: token,
        key: request.headers['idempotency-key'],
        email: request.body?.email,
      })
      return reply.code(202).header('location', `/v1/deployments/${deployment.id}`).send(deployment)
    },
  )

  /** Whether somebody has looked at the cloud account since; false when nobody came in time. */
  async function lookedAt(id: string, since: Date): Promise<boolean> {
    try {
      await waitForWatch(context.db, id, 'check', since, { patienceMs: WAIT_MS })
      return true
    } catch (error) {
      if (error instanceof PipiError && error.code === 'deadline.passed') return false
      throw error
    }
  }

  /** What an account brought along there, by the engine's code or the cloud account's id. */
  async function broughtBy(account: string, name: string): Promise<Claim | undefined> {
    const engines = await context.enginesFor(account)
    const found = await Promise.all(engines.map(({ code }) => findClaim(context.db, account, code, true)))
    return found.find((claim) => claim?.engine === name || claim?.cloudAccount === name)
  }

  async function known(account: string, name: string): Promise<CloudAccountState> {
    const found = await findCloudAccount(context.db, account, name)
    if (!found) throw unknownAccount(name)
    return found
  }
}

/** A cloud account that is claimed and not in use: nothing is held there, and nothing is made. */
function stateOf({ cloudAccount, engine, plan, consentWatched, armed, findings, checkedAt }: Claim): CloudAccountState {
  const none = { limit: 0, held: 0, used: 0, left: 0 }
  return {
    ...{ id: cloudAccount, engine, plan, consentWatched, findings, budget: none, credit: none },
    ...{ switch: 'open', onBurn: 'suspend', reopens: 'by-hand' },
    ...(armed === undefined ? {} : { armed }),
    ...(checkedAt === undefined ? {} : { checkedAt: checkedAt.toISOString() }),
  }
}
