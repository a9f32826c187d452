import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { finish } from '../../../../platform/store/finish.ts'
import { readDeployment } from '../../../../platform/store/get-deployment.ts'
import { getWorkspace } from '../../../../platform/store/list-workspaces.ts'
import { quota } from '../../../../platform/store/quota.ts'
import { APPS, app, openStage, type Stage, settled, succeed, urn } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.database.drop())

describe('settling', () => {
  it('with resources unknown keeps everything held', async () => {
    const { engine, taken, account, close } = await stage.open()
    const truth = engine('a')
    const order = await taken(truth)
    await truth.reserve(order, [app('x')])
    await truth.settle(order, {
      status: 'failed',
      resources: null,
      error: { code: 'provider.failed', message: 'away', hint: 'later' },
    })
    expect(await stage.held()).toBe(1)
    expect(
      await stage.database.db.query('select state from pipi.holdings where workspace = $1', [order.workspace.id]),
    ).toEqual([{ state: 'uncertain' }])
    expect(await readDeployment(stage.database.db, account, order.deployment)).toMatchObject({
      status: 'failed',
      error: { code: 'provider.failed', hint: 'later' },
    })
    await close()
  })

  it('keeps held what an open intent may still bring about', async () => {
    const { engine, taken, close } = await stage.open()
    const truth = engine('a')
    const order = await taken(truth)
    await truth.reserve(order, [app('made'), app('pending'), app('never')])
    const log = truth.intents(order)
    await log.end(await log.begin({ urn: urn('made'), type: 't', operation: 'create', deadlineMs: 1000 }), {
      kind: 'done',
      id: 'id-made',
    })
    const pending = await log.begin({
      urn: urn('pending'),
      type: 't',
      operation: 'create',
      lookup: { name: 'p' },
      deadlineMs: 60_000,
    })
    await truth.settle(order, { status: 'failed', resources: [settled('made')] })
    expect(await stage.held()).toBe(2)
    const next = await taken(truth, { workspaceName: order.workspace.name })
    const open_ = await truth.intents(next).open()
    expect(open_).toMatchObject([
      { intent: pending, urn: urn('pending'), lookup: { name: 'p' }, due: false, deadlineMs: 60_000 },
    ])
    expect(open_[0]?.dueInMs).toBeGreaterThan(0)
    await truth.intents(next).end(pending, { kind: 'absent' })
    await succeed(truth, next, { status: 'succeeded', resources: [settled('made')] })
    expect(await stage.held()).toBe(1)
    await close()
  })

  it('sets state, outputs, resources and the workspace, gives the lease back, and is nothing the second time', async () => {
    const { engine, taken, account, close } = await stage.open()
    const truth = engine('a')
    const order = await taken(truth, { workspaceName: 'done' })
    await truth.advance(order, 'building')
    await truth.advance(order, 'planning')
    await truth.advance(order, 'reserving')
    await truth.reserve(order, [app('x')])
    await truth.advance(order, 'applying')
    const settlement = {
      status: 'succeeded' as const,
      resources: [settled('x')],
      outputs: { url: 'http://x' },
      commit: 'abc',
    }
    await truth.settle(order, settlement)
    await truth.settle(order, settlement)
    await expect(truth.renew(order)).rejects.toMatchObject({ code: 'lease.lost' })
    expect(await readDeployment(stage.database.db, account, order.deployment)).toMatchObject({
      status: 'succeeded',
      commit: 'abc',
      outputs: { url: 'http://x' },
      resources: [{ urn: urn('x'), id: 'id-x', demand: [{ meter: APPS, amount: 1 }] }],
      timings: {
        accepted: expect.any(String),
        assigned: expect.any(String),
        started: expect.any(String),
        finished: expect.any(String),
      },
    })
    expect(await getWorkspace(stage.database.db, account, 'done')).toMatchObject({
      live: true,
      engine: 'aws',
      outputs: { url: 'http://x' },
      last: { status: 'succeeded' },
    })
    const destroy = await taken(truth, { workspaceName: 'done', kind: 'destroy' })
    expect(destroy.manifest.components).toHaveLength(1)
    await succeed(truth, destroy, { status: 'succeeded', resources: [] })
    expect(await getWorkspace(stage.database.db, account, 'done')).toMatchObject({
      live: false,
      outputs: {},
      resources: [],
    })
    expect(await stage.held()).toBe(0)
    await close()
  })

  it('changes nothing of the workspace for a preview', async () => {
    const { engine, taken, account, close } = await stage.open()
    const truth = engine('a')
    const first = await taken(truth, { workspaceName: 'seen' })
    await truth.reserve(first, [app('x')])
    await succeed(truth, first, { status: 'succeeded', resources: [settled('x')] })
    const before = await getWorkspace(stage.database.db, account, 'seen')
    const preview = await taken(truth, { workspaceName: 'seen', kind: 'preview' })
    await succeed(truth, preview, { status: 'succeeded', resources: [], outputs: { changes: 1 } })
    expect({ ...(await getWorkspace(stage.database.db, account, 'seen')), last: undefined }).toEqual({
      ...before,
      last: undefined,
    })
    expect(await stage.held()).toBe(1)
    await close()
  })

  it('counts what of a lifetime meter was given back as used', async () => {
    const { engine, taken, close, account } = await stage.open()
    const truth = engine('a')
    const order = await taken(truth)
    await truth.reserve(order, [app('x', 2, 'svc.ever')])
    await truth.settle(order, { status: 'failed', resources: [] })
    expect((await quota(stage.database.db, account)).find((meter) => meter.meter === 'svc.ever')).toMatchObject({
      held: 0,
      used: 2,
      left: 0,
    })
    await close()
  })

  it('holds what exists beyond the limit, says over, and reserves nothing more', async () => {
    const { engine, taken, close, account, cloudAccount } = await stage.open(1)
    const truth = engine('a')
    const order = await taken(truth)
    await succeed(truth, order, { status: 'succeeded', resources: [settled('x'), settled('y')] })
    expect((await quota(stage.database.db, account)).find((meter) => meter.meter === APPS)).toMatchObject({
      held: 2,
      limit: 1,
      over: true,
      left: 0,
    })
    expect(await truth.reserve(await taken(truth), [app('z')])).toMatchObject({ ok: false })
    const again = await taken(truth, { workspaceName: order.workspace.name })
    await succeed(truth, again, { status: 'succeeded', resources: [] })
    expect((await quota(stage.database.db, account)).find((meter) => meter.meter === APPS)).toMatchObject({
      held: 0,
      over: false,
      left: 1,
    })
    expect(
      await stage.database.db.query('select limit_amount from pipi.meters where cloud_account = $1 and meter = $2', [
        cloudAccount,
        APPS,
      ]),
    ).toEqual([{ limit_amount: 1 }])
    await close()
  })
})

it('moves only along the legal transitions, and never out of a final state', async () => {
  const { engine, taken, close } = await stage.open()
  const truth = engine('a')
  const order = await taken(truth)
  await expect(truth.advance(order, 'verifying')).rejects.toMatchObject({ code: 'conflict.state' })
  await expect(truth.advance(order, 'succeeded')).rejects.toMatchObject({ code: 'conflict.state' })
  await truth.settle(order, { status: 'failed', resources: [] })
  expect(await finish(stage.database.db, order.deployment, 'dead')).toBe(false)
  await expect(
    stage.database.db.query(`update pipi.deployments set status = 'accepted' where id = $1`, [order.deployment]),
  ).rejects.toMatchObject({ code: 'conflict.state' })
  await close()
})
