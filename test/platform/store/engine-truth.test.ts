import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineTruth, Order, Settlement } from '../../../factory/contract/truth.ts'
import { accept } from '../../../platform/store/accept.ts'
import { assign } from '../../../platform/store/assign.ts'
import { finish } from '../../../platform/store/finish.ts'
import { readDeployment } from '../../../platform/store/get-deployment.ts'
import { getWorkspace } from '../../../platform/store/list-workspaces.ts'
import { openStore } from '../../../platform/store/open.ts'
import { quota } from '../../../platform/store/quota.ts'
import { requestCancel } from '../../../platform/store/request-cancel.ts'
import { drainClone, listClones } from '../../../platform/store/stock.ts'
import { story, tellStory } from '../../../platform/store/story.ts'
import { takeOver } from '../../../platform/store/take-over.ts'
import { putUpload } from '../../../platform/store/upload.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

let database: TestDatabase
let world: TestTruth
const APPS = 'svc.apps'
const urn = (name: string) => `urn:pulumi:w::pipi::aws:s3/bucket:Bucket::${name}`
const app = (name: string, amount = 1, meter = APPS) => ({
  urn: urn(name),
  type: 'aws:s3/bucket:Bucket',
  amounts: [{ meter, scope: '', amount, bound: 'proven' as const, because: `${amount}` }],
})
const settled = (name: string, amount = 1) => ({ ...app(name, amount), id: `id-${name}` })
const held = async () => (await quota(database.db, world.account)).find((meter) => meter.meter === APPS)?.held

/** Along the legal way to `applying`, then settled. */
async function succeed(truth: EngineTruth, order: Order, settlement: Settlement): Promise<void> {
  for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
  await truth.settle(order, settlement)
}

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

async function open(limit = 3): Promise<TestTruth> {
  world = await openTestTruth(database.db, [
    { meter: APPS, scope: '', unit: 'app', period: 'concurrent', limit },
    { meter: 'svc.requests', scope: '', unit: 'request', period: 'month', limit: 1000, bound: 'watched' },
    { meter: 'svc.ever', scope: '', unit: 'build', period: 'lifetime', limit: 2 },
    { meter: 'svc.disk', scope: '*', unit: 'GB', period: 'concurrent', limit: 10 },
  ])
  return world
}

describe('the lease', () => {
  it('is taken by one of two clones, with the order and its secret', async () => {
    const { assigned, engine, close } = await open()
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
    const { engine, taken, request, close } = await open()
    const truth = engine('a')
    const first = await taken(truth, { workspaceName: 'queue' })
    const { deployment: second } = await accept(database.db, request({ workspaceName: 'queue' }))
    expect(await assign(database.db, second.id)).toBe(false)
    await truth.settle(first, { status: 'failed', resources: [], error: { code: 'build.failed', message: 'no' } })
    expect(await truth.take(first.deployment)).toBeNull()
    expect(await truth.take('d00000000000000000000')).toBeNull()
    const other = await openTestTruth(database.db, [], { engine: 'dgo' })
    const theirs = await other.assigned()
    expect(await truth.take(theirs.id)).toBeNull()
    await expect(truth.renew({ ...first, deployment: theirs.id })).rejects.toMatchObject({ code: 'not-allowed' })
    await other.close()
    await close()
  })

  it('that ran out is taken by another with a higher token, and the old one changes nothing any more', async () => {
    const { engine, taken, close } = await open()
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
    expect(await held()).toBe(0)
    expect(await story(database.db, { account: order.account, after: 0 })).toEqual([])
    await close()
  })

  it('lets no provider act once it has run out, though nobody else has taken it; renewed, it does again', async () => {
    const { engine, taken, close } = await open()
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
    const { engine, taken, account, close } = await open()
    const truth = engine('a')
    const order = await taken(truth)
    expect(await truth.renew(order)).toBe('ok')
    expect(await requestCancel(database.db, account, order.deployment)).toBe('requested')
    expect(await truth.renew(order)).toBe('cancel')
    await close()
  })
})

describe('a takeover', () => {
  it('brings a deployment whose engine is gone back with one more attempt, fenced, and holding what it held', async () => {
    const { engine, taken, account, close } = await open()
    const truth = engine('gone', 1)
    const order = await taken(truth)
    await truth.advance(order, 'planning')
    await truth.advance(order, 'reserving')
    await truth.reserve(order, [app('x')])
    await delay(5)
    expect(await takeOver(database.db)).toMatchObject([{ id: order.deployment, was: 'reserving', became: 'accepted' }])
    expect(await takeOver(database.db)).toEqual([])
    await expect(truth.renew(order)).rejects.toMatchObject({ code: 'lease.lost' })
    expect(await readDeployment(database.db, account, order.deployment)).toMatchObject({
      status: 'accepted',
      attempt: 2,
    })
    expect(await held()).toBe(1)
    await assign(database.db, order.deployment)
    const fresh = engine('fresh')
    const again = await fresh.take(order.deployment)
    if (!again) throw new Error('not taken')
    expect(await fresh.reserve(again, [app('x')])).toEqual({ ok: true })
    expect(await held()).toBe(1)
    await fresh.settle(again, { status: 'failed', resources: [] })
    expect(await held()).toBe(0)
    await close()
  })

  it('declares dead what was begun five times, and leaves others alone', async () => {
    const { engine, taken, account, close } = await open()
    const order = await taken(engine('poison', 1))
    const healthy = await taken(engine('healthy'))
    for (let attempt = 1; attempt <= 5; attempt++) {
      const truth = engine(`poison-${attempt}`, 1)
      const current = attempt === 1 ? order : await truth.take(order.deployment)
      if (!current) throw new Error('not taken')
      await truth.advance(current, 'building')
      await delay(5)
      await takeOver(database.db)
      await assign(database.db, order.deployment)
    }
    expect(await readDeployment(database.db, account, order.deployment)).toMatchObject({
      status: 'dead',
      error: { code: 'engine.crashed', phase: 'building' },
    })
    expect(await readDeployment(database.db, account, healthy.deployment)).toMatchObject({ status: 'assigned' })
    await close()
  })

  it('does not wait for the deadline when an engine died right after it took the lease', async () => {
    const { engine, taken, close } = await open()
    const order = await taken(engine('gone', 1))
    await delay(5)
    expect(await takeOver(database.db)).toMatchObject([{ id: order.deployment, was: 'assigned', became: 'accepted' }])
    await close()
  })

  it('ends what stood too long in a state', async () => {
    const { assigned, account, close } = await open()
    const { id } = await assigned()
    await database.db.query(`update pipi.deployments set deadline_at = now() where id = $1`, [id])
    expect(await takeOver(database.db)).toMatchObject([{ id, was: 'assigned', became: 'accepted' }])
    await database.db.query(`update pipi.deployments set deadline_at = now() where id = $1`, [id])
    expect(await takeOver(database.db)).toMatchObject([{ id, was: 'accepted', became: 'dead' }])
    expect(await readDeployment(database.db, account, id)).toMatchObject({
      status: 'dead',
      error: { code: 'deadline.passed' },
    })
    await close()
  })
})

describe('a reservation', () => {
  it('is refused beyond the limit, names who holds it, and then nothing of it is reserved', async () => {
    const { engine, taken, close } = await open(3)
    const truth = engine('a')
    for (const name of ['one', 'two', 'three']) {
      const order = await taken(truth, { workspaceName: name })
      expect(await truth.reserve(order, [app(name)])).toEqual({ ok: true })
      await succeed(truth, order, { status: 'succeeded', resources: [settled(name)] })
    }
    const order = await taken(truth, { workspaceName: 'four' })
    const refused = await truth.reserve(order, [app('other', 1, 'svc.ever'), app('four')])
    expect(refused).toMatchObject({
      ok: false,
      refusal: {
        code: 'lock.over-limit',
        resource: urn('four'),
        meter: APPS,
        unit: 'app',
        limit: 3,
        held: 3,
        asked: 1,
      },
    })
    if (refused.ok) throw new Error('not refused')
    expect(refused.refusal.holders?.map((holder) => holder.workspace).sort()).toEqual(['one', 'three', 'two'])
    expect(refused.refusal.hint).toContain('./pipi destroy one')
    expect((await quota(database.db, world.account)).find((meter) => meter.meter === 'svc.ever')?.held).toBe(0)
    await close()
  })

  it('shows nobody the workspaces of another account', async () => {
    const { engine, taken, cloudAccount, close } = await open(1)
    const truth = engine('a')
    await truth.reserve(await taken(truth, { workspaceName: 'private-name' }), [app('x')])
    const other = await openTestTruth(database.db, [])
    await database.db.query('insert into pipi.account_clouds values ($1, $2)', [other.account, cloudAccount])
    const order = await other.taken(truth, { cloudAccount })
    const refused = await truth.reserve(order, [app('y')])
    expect(refused).toMatchObject({ ok: false, refusal: { holders: [{ workspace: 'another account', amount: 1 }] } })
    expect(JSON.stringify(refused)).not.toContain('private-name')
    await other.close()
    await close()
  })

  it('counts a URN that the workspace holds already once, and never less before it is settled', async () => {
    const { engine, taken, close } = await open(3)
    const truth = engine('a')
    const first = await taken(truth, { workspaceName: 'grow' })
    await truth.reserve(first, [app('x', 2)])
    await succeed(truth, first, { status: 'succeeded', resources: [settled('x', 2)] })
    const second = await taken(truth, { workspaceName: 'grow' })
    expect(await truth.reserve(second, [app('x', 3)])).toEqual({ ok: true })
    expect(await held()).toBe(3)
    expect(await truth.reserve(second, [app('x', 1)])).toEqual({ ok: true })
    expect(await held()).toBe(3)
    await succeed(truth, second, { status: 'succeeded', resources: [settled('x', 1)] })
    expect(await held()).toBe(1)
    await close()
  })

  it('refuses a meter that no fact states, a watched one without consent, and an unbounded one', async () => {
    const { engine, taken, close } = await open()
    const truth = engine('a')
    const order = await taken(truth)
    const line = (meter: string, bound: 'proven' | 'watched' | 'unbounded') => ({
      urn: urn('x'),
      type: 't',
      amounts: [{ meter, scope: '', amount: 1, bound, because: '' }],
    })
    expect(await truth.reserve(order, [line('svc.nothing', 'proven')])).toMatchObject({
      refusal: { code: 'lock.unknown-type' },
    })
    expect(await truth.reserve(order, [line('svc.requests', 'watched')])).toMatchObject({
      refusal: { code: 'lock.watched' },
    })
    expect(await truth.reserve(order, [line(APPS, 'unbounded')])).toMatchObject({ refusal: { code: 'lock.unbounded' } })
    await close()
  })

  it('gives each region the limit that is stated per region', async () => {
    const { engine, taken, close } = await open()
    const truth = engine('a')
    const order = await taken(truth)
    const disk = (scope: string, amount: number) => ({
      urn: urn(scope),
      type: 't',
      amounts: [{ meter: 'svc.disk', scope, amount, bound: 'proven' as const, because: '' }],
    })
    expect(await truth.reserve(order, [disk('eu-1', 8), disk('us-1', 10)])).toEqual({ ok: true })
    expect(await truth.reserve(order, [disk('eu-1', 11)])).toMatchObject({ ok: false, refusal: { limit: 10 } })
    await close()
  })

  it('that the engine died with stays held until it is known what exists', async () => {
    const { engine, taken, close } = await open(1)
    const truth = engine('a')
    const order = await taken(truth, { workspaceName: 'crashed' })
    await truth.reserve(order, [app('x')])
    await finish(database.db, order.deployment, 'dead')
    expect(await held()).toBe(1)
    const other = await taken(truth)
    expect(await truth.reserve(other, [app('y')])).toMatchObject({ ok: false })
    await close()
  })
})

describe('settling', () => {
  it('with resources unknown keeps everything held', async () => {
    const { engine, taken, account, close } = await open()
    const truth = engine('a')
    const order = await taken(truth)
    await truth.reserve(order, [app('x')])
    await truth.settle(order, {
      status: 'failed',
      resources: null,
      error: { code: 'provider.failed', message: 'away', hint: 'later' },
    })
    expect(await held()).toBe(1)
    expect(
      await database.db.query('select state from pipi.holdings where workspace = $1', [order.workspace.id]),
    ).toEqual([{ state: 'uncertain' }])
    expect(await readDeployment(database.db, account, order.deployment)).toMatchObject({
      status: 'failed',
      error: { code: 'provider.failed', hint: 'later' },
    })
    await close()
  })

  it('keeps held what an open intent may still bring about', async () => {
    const { engine, taken, close } = await open()
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
    expect(await held()).toBe(2)
    const next = await taken(truth, { workspaceName: order.workspace.name })
    const open_ = await truth.intents(next).open()
    expect(open_).toMatchObject([
      { intent: pending, urn: urn('pending'), lookup: { name: 'p' }, due: false, deadlineMs: 60_000 },
    ])
    expect(open_[0]?.dueInMs).toBeGreaterThan(0)
    await truth.intents(next).end(pending, { kind: 'absent' })
    await succeed(truth, next, { status: 'succeeded', resources: [settled('made')] })
    expect(await held()).toBe(1)
    await close()
  })

  it('sets state, outputs, resources and the workspace, gives the lease back, and is nothing the second time', async () => {
    const { engine, taken, account, close } = await open()
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
    expect(await readDeployment(database.db, account, order.deployment)).toMatchObject({
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
    expect(await getWorkspace(database.db, account, 'done')).toMatchObject({
      live: true,
      engine: 'aws',
      outputs: { url: 'http://x' },
      last: { status: 'succeeded' },
    })
    const destroy = await taken(truth, { workspaceName: 'done', kind: 'destroy' })
    expect(destroy.manifest.components).toHaveLength(1)
    await succeed(truth, destroy, { status: 'succeeded', resources: [] })
    expect(await getWorkspace(database.db, account, 'done')).toMatchObject({ live: false, outputs: {}, resources: [] })
    expect(await held()).toBe(0)
    await close()
  })

  it('changes nothing of the workspace for a preview', async () => {
    const { engine, taken, account, close } = await open()
    const truth = engine('a')
    const first = await taken(truth, { workspaceName: 'seen' })
    await truth.reserve(first, [app('x')])
    await succeed(truth, first, { status: 'succeeded', resources: [settled('x')] })
    const before = await getWorkspace(database.db, account, 'seen')
    const preview = await taken(truth, { workspaceName: 'seen', kind: 'preview' })
    await succeed(truth, preview, { status: 'succeeded', resources: [], outputs: { changes: 1 } })
    expect({ ...(await getWorkspace(database.db, account, 'seen')), last: undefined }).toEqual({
      ...before,
      last: undefined,
    })
    expect(await held()).toBe(1)
    await close()
  })

  it('counts what of a lifetime meter was given back as used', async () => {
    const { engine, taken, close } = await open()
    const truth = engine('a')
    const order = await taken(truth)
    await truth.reserve(order, [app('x', 2, 'svc.ever')])
    await truth.settle(order, { status: 'failed', resources: [] })
    expect((await quota(database.db, world.account)).find((meter) => meter.meter === 'svc.ever')).toMatchObject({
      held: 0,
      used: 2,
      left: 0,
    })
    await close()
  })

  it('holds what exists beyond the limit, says over, and reserves nothing more', async () => {
    const { engine, taken, close } = await open(1)
    const truth = engine('a')
    const order = await taken(truth)
    await succeed(truth, order, { status: 'succeeded', resources: [settled('x'), settled('y')] })
    expect((await quota(database.db, world.account)).find((meter) => meter.meter === APPS)).toMatchObject({
      held: 2,
      limit: 1,
      over: true,
      left: 0,
    })
    expect(await truth.reserve(await taken(truth), [app('z')])).toMatchObject({ ok: false })
    const again = await taken(truth, { workspaceName: order.workspace.name })
    await succeed(truth, again, { status: 'succeeded', resources: [] })
    expect((await quota(database.db, world.account)).find((meter) => meter.meter === APPS)).toMatchObject({
      held: 0,
      over: false,
      left: 1,
    })
    expect(
      await database.db.query('select limit_amount from pipi.meters where cloud_account = $1 and meter = $2', [
        world.cloudAccount,
        APPS,
      ]),
    ).toEqual([{ limit_amount: 1 }])
    await close()
  })
})

it('moves only along the legal transitions, and never out of a final state', async () => {
  const { engine, taken, close } = await open()
  const truth = engine('a')
  const order = await taken(truth)
  await expect(truth.advance(order, 'verifying')).rejects.toMatchObject({ code: 'conflict.state' })
  await expect(truth.advance(order, 'succeeded')).rejects.toMatchObject({ code: 'conflict.state' })
  await truth.settle(order, { status: 'failed', resources: [] })
  expect(await finish(database.db, order.deployment, 'dead')).toBe(false)
  await expect(
    database.db.query(`update pipi.deployments set status = 'accepted' where id = $1`, [order.deployment]),
  ).rejects.toMatchObject({ code: 'conflict.state' })
  await close()
})

it('hands a deployment back for another engine, with what it holds', async () => {
  const { engine, taken, account, close } = await open()
  const truth = engine('a')
  const order = await taken(truth)
  await truth.reserve(order, [app('x')])
  await truth.handBack(order, 'draining')
  expect(await readDeployment(database.db, account, order.deployment)).toMatchObject({
    status: 'accepted',
    attempt: 1,
    waitingFor: 'another engine: draining',
  })
  await assign(database.db, order.deployment)
  expect(await engine('b').take(order.deployment)).toMatchObject({ attempt: 1 })
  expect(await held()).toBe(1)
  await close()
})

it('never makes engine and commander wait for each other in a circle', async () => {
  const { engine, taken, account, request, close } = await open(1000)
  const truth = engine('a')
  const orders = await Promise.all(Array.from({ length: 6 }, () => taken(truth)))
  await Promise.all(
    orders.flatMap((order) => [
      (async () => {
        for (let n = 0; n < 15; n++) {
          await truth.tell(order, [{ phase: 'assigned', level: 'info', text: `${n}` }])
          await truth.advance(order, 'planning', `${n}`)
          await truth.reserve(order, [app(`${order.workspace.id}-${n}`)])
          await truth.renew(order)
        }
        await truth.settle(order, {
          status: 'failed',
          resources: [settled(order.workspace.id), settled(`${order.workspace.id}-1`)],
        })
      })(),
      (async () => {
        for (let n = 0; n < 15; n++) {
          await tellStory(database.db, account, order.deployment, [
            { phase: 'assigned', level: 'info', text: 'commander' },
          ])
          await requestCancel(database.db, account, order.deployment)
          await accept(database.db, request({ workspaceName: order.workspace.name }))
          await takeOver(database.db)
        }
      })(),
    ]),
  )
  expect(await database.db.query('select deadlocks from pg_stat_database where datname = current_database()')).toEqual([
    { deadlocks: 0 },
  ])
  await close()
})

it('keeps a story in its order, also with what jsonb cannot hold', async () => {
  const { engine, taken, close } = await open()
  const truth = engine('a')
  const order = await taken(truth)
  await truth.tell(order, [
    { phase: 'building', level: 'info', text: 'one\u0000' },
    { phase: 'building', level: 'warn', text: 'two', data: { n: 1 } },
  ])
  await truth.tell(order, [{ phase: 'applying', level: 'info', text: 'three' }])
  const lines = await story(database.db, { account: order.account, deployment: order.deployment, after: 0 })
  expect(lines.map((line) => line.text)).toEqual(['one\ufffd', 'two', 'three'])
  expect(await story(database.db, { account: order.account, after: lines[1]?.seq ?? 0 })).toMatchObject([
    { text: 'three' },
  ])
  await close()
})

it('gives an engine the uploaded source of its order, and no other', async () => {
  const { engine, taken, account, close } = await open()
  const bytes = Buffer.from(`source ${account}`)
  const digest = createHash('sha256').update(bytes).digest('hex')
  await putUpload(database.db, account, digest, bytes)
  const truth = engine('a')
  const order = await taken(truth, { source: { kind: 'upload', digest } })
  expect(Buffer.from(await truth.upload(order, digest))).toEqual(bytes)
  await expect(truth.upload(order, 'b'.repeat(64))).rejects.toMatchObject({ code: 'not-allowed' })
  await close()
})

it('hears of a clone by its beats, and tells it to drain', async () => {
  const { engine, close } = await open()
  const truth = engine('c')
  const beat = { clone: 'c', engine: 'aws', host: 'h', pid: 1, state: 'idle' as const, running: [], capacity: 2 }
  expect(await truth.beat(beat)).toBe('work')
  await drainClone(database.db, 'c')
  expect(await truth.beat({ ...beat, state: 'busy', running: ['d1'] })).toBe('drain')
  expect(await listClones(database.db)).toMatchObject([{ clone: 'c', state: 'busy', running: ['d1'], drain: true }])
  await expect(truth.beat({ ...beat, engine: 'dgo' })).rejects.toMatchObject({ code: 'not-allowed' })
  await close()
})

it("an engine's role reads no table, calls no other function, makes no table but its own", async () => {
  const { access, close } = await open()
  const role = openStore(access.url)
  const denied = /permission denied/
  for (const table of ['deployments', 'meters', 'holdings', 'journal', 'engine_roles', 'tokens', 'uploads']) {
    await expect(role.query(`select * from pipi.${table}`)).rejects.toThrow(denied)
  }
  await expect(role.query(`select pipi.take_over()`)).rejects.toThrow(denied)
  await expect(role.query(`create table public.mine (x int)`)).rejects.toThrow(denied)
  await expect(role.query(`create temporary table mine (x int)`)).rejects.toThrow(denied)
  await expect(role.query(`set role pipi`)).rejects.toThrow(denied)
  await expect(role.query(`select pg_read_file('/etc/passwd')`)).rejects.toThrow(denied)
  const other = await openTestTruth(database.db, [], { engine: 'dgo' })
  await expect(role.query('select * from pulumi_dgo.dgo_state')).rejects.toThrow(denied)
  await role.close()
  await other.close()
  await close()
})
