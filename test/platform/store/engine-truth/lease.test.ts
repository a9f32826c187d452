import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accept } from '../../../../platform/store/accept.ts'
import { assign } from '../../../../platform/store/assign.ts'
import { requestCancel } from '../../../../platform/store/request-cancel.ts'
import { story } from '../../../../platform/store/story.ts'
import { openTestTruth } from '../../../helpers/truth.ts'
import { app, openStage, type Stage, urn } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.database.drop())

describe('the lease', () => {
  it('is taken by one of two clones, with the order and its secret', async () => {
    const { assigned, engine, close } = await stage.open()
    const deployment = await assigned()
    const orders = await Promise.all([engine('a').take(deployment.id), engine('b').take(deployment.id)])
    expect(orders.filter((order) => order !== null)).toHaveLength(1)
    expect(orders.find((order) => order !== null)).toMatchObject({
      deployment: deployment.id,
      token: 1,
      attempt: 1,
      secret: expect.stringMatching(/^.{40,}$/),
    })
    await close()
  })

  it('is not given for a deployment behind another of its workspace, nor for one of another engine, nor a final one', async () => {
    const { engine, taken, request, close } = await stage.open()
    const truth = engine('a')
    const first = await taken(truth, { workspaceName: 'queue' })
    const { deployment: second } = await accept(stage.database.db, request({ workspaceName: 'queue' }))
    expect(await assign(stage.database.db, second.id)).toBe(false)
    await truth.settle(first, { status: 'failed', resources: [], error: { code: 'build.failed', message: 'no' } })
    expect(await truth.take(first.deployment)).toBeNull()
    expect(await truth.take('d00000000000000000000')).toBeNull()
    const other = await openTestTruth(stage.database.db, [], { engine: 'dgo' })
    const theirs = await other.assigned()
    expect(await truth.take(theirs.id)).toBeNull()
    await expect(truth.renew({ ...first, deployment: theirs.id })).rejects.toMatchObject({ code: 'not-allowed' })
    await other.close()
    await close()
  })

  it('that ran out is taken by another with a higher token, and the old one changes nothing any more', async () => {
    const { engine, taken, close } = await stage.open()
    const old = engine('old', 1)
    const order = await taken(old)
    await old
      .intents(order)
      .begin({ urn: urn('x'), type: 't', operation: 'create', deadlineMs: 1 })
      .catch(() => {})
    await delay(5)
    const fresh = engine('fresh')
    const next = await fresh.take(order.deployment)
    expect(next).toMatchObject({ token: order.token + 1 })
    const lost = { code: 'lease.lost' }
    await expect(old.renew(order)).rejects.toMatchObject(lost)
    await expect(old.advance(order, 'building')).rejects.toMatchObject(lost)
    await expect(old.tell(order, [{ phase: 'building', level: 'info', text: 'x' }])).rejects.toMatchObject(lost)
    await expect(old.reserve(order, [app('x')])).rejects.toMatchObject(lost)
    await expect(
      old.intents(order).begin({ urn: urn('x'), type: 't', operation: 'create', deadlineMs: 1 }),
    ).rejects.toMatchObject(lost)
    await expect(old.intents(order).open()).rejects.toMatchObject(lost)
    await expect(old.upload(order, 'a'.repeat(64))).rejects.toMatchObject(lost)
    await expect(old.settle(order, { status: 'succeeded', resources: [] })).rejects.toMatchObject(lost)
    await expect(old.handBack(order, 'x')).rejects.toMatchObject(lost)
    expect(await stage.held()).toBe(0)
    expect(await story(stage.database.db, { account: order.account, after: 0 })).toEqual([])
    await close()
  })

  it('lets no provider act once it has run out, though nobody else has taken it; renewed, it does again', async () => {
    const { engine, taken, close } = await stage.open()
    const truth = engine('slow', 1)
    const order = await taken(truth)
    await delay(5)
    const intent = { urn: urn('x'), type: 't', operation: 'create' as const, deadlineMs: 1000 }
    await expect(truth.intents(order).begin(intent)).rejects.toMatchObject({ code: 'lease.lost' })
    const quick = engine('slow')
    expect(await quick.renew(order)).toBe('ok')
    expect(await quick.intents(order).begin(intent)).toMatch(/^i/)
    await close()
  })

  it('says cancel when somebody asked for it', async () => {
    const { engine, taken, account, close } = await stage.open()
    const truth = engine('a')
    const order = await taken(truth)
    expect(await truth.renew(order)).toBe('ok')
    expect(await requestCancel(stage.database.db, account, order.deployment)).toBe('requested')
    expect(await truth.renew(order)).toBe('cancel')
    await close()
  })
})
