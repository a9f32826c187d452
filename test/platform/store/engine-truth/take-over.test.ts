import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assign } from '../../../../platform/store/assign.ts'
import { readDeployment } from '../../../../platform/store/get-deployment.ts'
import { takeOver } from '../../../../platform/store/take-over.ts'
import { app, openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.database.drop())

describe('a takeover', () => {
  it('brings a deployment whose engine is gone back with one more attempt, fenced, and holding what it held', async () => {
    const { engine, taken, account, close } = await stage.open()
    const truth = engine('gone', 1)
    const order = await taken(truth)
    await truth.advance(order, 'planning')
    await truth.advance(order, 'reserving')
    await truth.reserve(order, [app('x')])
    await delay(5)
    expect(await takeOver(stage.database.db)).toMatchObject([
      { id: order.deployment, was: 'reserving', became: 'accepted' },
    ])
    expect(await takeOver(stage.database.db)).toEqual([])
    await expect(truth.renew(order)).rejects.toMatchObject({ code: 'lease.lost' })
    expect(await readDeployment(stage.database.db, account, order.deployment)).toMatchObject({
      status: 'accepted',
      attempt: 2,
    })
    expect(await stage.held()).toBe(1)
    await assign(stage.database.db, order.deployment)
    const fresh = engine('fresh')
    const again = await fresh.take(order.deployment)
    if (!again) throw new Error('not taken')
    expect(await fresh.reserve(again, [app('x')])).toEqual({ ok: true })
    expect(await stage.held()).toBe(1)
    await fresh.settle(again, { status: 'failed', resources: [] })
    expect(await stage.held()).toBe(0)
    await close()
  })

  it('declares dead what was begun five times, and leaves others alone', async () => {
    const { engine, taken, account, close } = await stage.open()
    const order = await taken(engine('poison', 1))
    const healthy = await taken(engine('healthy'))
    for (let attempt = 1; attempt <= 5; attempt++) {
      const truth = engine(`poison-${attempt}`, 1)
      const current = attempt === 1 ? order : await truth.take(order.deployment)
      if (!current) throw new Error('not taken')
      await truth.advance(current, 'building')
      await delay(5)
      await takeOver(stage.database.db)
      await assign(stage.database.db, order.deployment)
    }
    expect(await readDeployment(stage.database.db, account, order.deployment)).toMatchObject({
      status: 'dead',
      error: { code: 'engine.crashed', phase: 'building' },
    })
    expect(await readDeployment(stage.database.db, account, healthy.deployment)).toMatchObject({ status: 'assigned' })
    await close()
  })

  it('does not wait for the deadline when an engine died right after it took the lease', async () => {
    const { engine, taken, close } = await stage.open()
    const order = await taken(engine('gone', 1))
    await delay(5)
    expect(await takeOver(stage.database.db)).toMatchObject([
      { id: order.deployment, was: 'assigned', became: 'accepted' },
    ])
    await close()
  })

  it('ends what stood too long in a state', async () => {
    const { assigned, account, close } = await stage.open()
    const { id } = await assigned()
    await stage.database.db.query(`update pipi.deployments set deadline_at = now() where id = $1`, [id])
    expect(await takeOver(stage.database.db)).toMatchObject([{ id, was: 'assigned', became: 'accepted' }])
    await stage.database.db.query(`update pipi.deployments set deadline_at = now() where id = $1`, [id])
    expect(await takeOver(stage.database.db)).toMatchObject([{ id, was: 'accepted', became: 'dead' }])
    expect(await readDeployment(stage.database.db, account, id)).toMatchObject({
      status: 'dead',
      error: { code: 'deadline.passed' },
    })
    await close()
  })
})

it('hands a deployment back for another engine, with what it holds', async () => {
  const { engine, taken, account, close } = await stage.open()
  const truth = engine('a')
  const order = await taken(truth)
  await truth.reserve(order, [app('x')])
  await truth.handBack(order, 'draining')
  expect(await readDeployment(stage.database.db, account, order.deployment)).toMatchObject({
    status: 'accepted',
    attempt: 1,
    waitingFor: 'another engine: draining',
  })
  await assign(stage.database.db, order.deployment)
  expect(await engine('b').take(order.deployment)).toMatchObject({ attempt: 1 })
  expect(await stage.held()).toBe(1)
  await close()
})
