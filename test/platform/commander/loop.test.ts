import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cancel } from '../../../platform/commander/cancel.ts'
import { intake } from '../../../platform/commander/intake.ts'
import { type Commander, runCommander } from '../../../platform/commander/loop.ts'
import type { Seal } from '../../../platform/commander/seal.ts'
import { type QueueConnection, queueSchema } from '../../../platform/queue/connection.ts'
import { openJobSource } from '../../../platform/queue/consume.ts'
import { prepareQueues } from '../../../platform/queue/prepare.ts'
import { openPublisher, type Publisher } from '../../../platform/queue/publish.ts'
import { assign } from '../../../platform/store/assign.ts'
import { type EngineAccess, engineAccess } from '../../../platform/store/engine-access.ts'
import { engineKey } from '../../../platform/store/engine-key.ts'
import { openEngineTruth } from '../../../platform/store/engine-truth.ts'
import { getDeployment } from '../../../platform/store/get-deployment.ts'
import type { Database } from '../../../platform/store/open.ts'
import { seedMeters } from '../../../platform/store/seed-meters.ts'
import { databaseOfTest } from '../../helpers/postgres.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { MANIFEST, openStage, type Stage } from './stage.ts'

interface World extends Stage {
  db: Database
  url: string
  publisher: Publisher
  access: EngineAccess
  commander(seal?: Seal): Promise<Commander>
  /** Accepts `count` deployments of workspaces of their own. */
  accept(count: number): Promise<string[]>
  statuses(ids: string[]): Promise<string[]>
}

async function openWorld(): Promise<World> {
  const { db, url } = await databaseOfTest({ connections: 10 })
  const stage = await openStage(db)
  const access = await engineAccess(db, 'abc')
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  await prepareQueues(pool, [{ code: 'abc', role: access.role }])
  await pool.end()
  const publisher = openPublisher({ kind: 'postgres', url }, () => undefined)
  onTestFinished(() => publisher.close())
  let count = 0
  return {
    ...stage,
    db,
    url,
    publisher,
    access,
    async commander(seal) {
      const options = { db, publisher, log: () => undefined, everyMs: 100 }
      const commander = await runCommander(seal === undefined ? options : { ...options, seal })
      onTestFinished(() => commander.stop())
      return commander
    },
    async accept(wanted) {
      const ids: string[] = []
      for (let n = 0; n < wanted; n++) {
        const { id } = await intake(
          stage.context,
          stage.request({ manifest: MANIFEST.replace('good', `good-${++count}`) }),
        )
        ids.push(id)
      }
      return ids
    },
    statuses: (ids) =>
      Promise.all(ids.map(async (id) => (await getDeployment(db, stage.account, id))?.status ?? 'none')),
  }
}

/** A clone with the real queue and the real truth, whose work is to settle at once, or what `work` says. */
async function clone(
  world: World,
  name: string,
  options: { capacity?: number; leaseMs?: number; work?: () => Promise<'settle' | 'die'> } = {},
) {
  const { capacity = 1, leaseMs = 60_000, work = async () => 'settle' as const } = options
  const truth = openEngineTruth({
    url: world.access.url,
    clone: name,
    key: engineKey(Buffer.alloc(32, 1), 'abc'),
    leaseMs,
  })
  const taken: string[] = []
  const at: QueueConnection = { kind: 'postgres', url: world.access.url }
  const jobs = await openJobSource(at, 'abc', name, () => undefined).start(async (id) => {
    const order = await truth.take(id)
    if (!order) return
    taken.push(id)
    if ((await work()) === 'die') return
    await truth.advance(order, 'building')
    await truth.advance(order, 'planning')
    await truth.settle(order, { status: 'succeeded', resources: [] })
  }, capacity)
  await truth.beat({ clone: name, engine: 'abc', host: 'here', pid: 1, state: 'idle', running: [], capacity })
  onTestFinished(async () => {
    await jobs.close()
    await truth.close()
  })
  return { taken, leave: () => jobs.close() }
}

const all = (status: string) => (statuses: string[]) => statuses.every((one) => one === status)

describe('the commander', () => {
  it('keeps the backlog in the truth: an engine gets what its clones can begin, in order', async () => {
    const world = await openWorld()
    const { promise: gate, resolve: open } = Promise.withResolvers<'settle'>()
    const ids = await world.accept(5)
    await world.commander()
    await waitFor('them to say what they wait for', async () =>
      (await getDeployment(world.db, world.account, ids[0] ?? ''))?.waitingFor?.includes('to be born'),
    )
    const one = await clone(world, 'abc-1', { capacity: 2, work: () => gate })
    await waitFor('two to be taken', () => one.taken.length === 2)
    expect(await world.statuses(ids)).toEqual(['assigned', 'assigned', 'accepted', 'accepted', 'accepted'])
    open('settle')
    await waitFor('all to end', async () => all('succeeded')(await world.statuses(ids)))
    expect(one.taken.toSorted()).toEqual(ids.toSorted())
  })

  it('loses nothing when the queue does: what is assigned is queued again', async () => {
    const world = await openWorld()
    const ids = await world.accept(1)
    await world.db.query(
      `insert into pipi.clones (id, engine, host, pid, state, capacity) values ('abc-0', 'abc', 'here', 1, 'idle', 1)`,
    )
    await world.commander()
    await waitFor('it to be queued', async () => (await world.publisher.depth('abc')) === 1)
    await world.db.query(`delete from ${queueSchema('abc')}.job`)
    const one = await clone(world, 'abc-1')
    await waitFor('it to end', async () => all('succeeded')(await world.statuses(ids)))
    expect(one.taken).toEqual(ids)
  })

  it('gives to another what a clone left when it died', async () => {
    const world = await openWorld()
    const ids = await world.accept(1)
    const dying = await clone(world, 'abc-1', { leaseMs: 300, work: async () => 'die' })
    await world.commander()
    await waitFor('the first to take it', () => dying.taken.length > 0)
    await dying.leave()
    await world.db.query(`update pipi.deployments set status = 'building' where id = $1`, ids)
    await world.db.query(`update pipi.clones set drain = true where id = 'abc-1'`)
    await clone(world, 'abc-2')
    await waitFor('another attempt to succeed', async () => all('succeeded')(await world.statuses(ids)))
    const { attempt } = (await getDeployment(world.db, world.account, ids[0] ?? '')) ?? { attempt: 0 }
    expect(attempt).toBeGreaterThan(1)
  })

  it('does each once, however many commanders and clones there are', async () => {
    const world = await openWorld()
    await Promise.all([world.commander(), world.commander(), world.commander()])
    const clones = await Promise.all(['abc-1', 'abc-2'].map((name) => clone(world, name, { capacity: 2 })))
    const ids = await world.accept(20)
    await waitFor('all to end', async () => all('succeeded')(await world.statuses(ids)))
    expect(clones.flatMap((one) => one.taken).toSorted()).toEqual(ids.toSorted())
  })

  it('ends at once what is cancelled before anybody began, and never brings it to an engine', async () => {
    const world = await openWorld()
    const [first, second] = (await world.accept(2)) as [string, string]
    expect(await cancel(world.db, world.account, first, 'token')).toMatchObject({ status: 'cancelled' })
    const one = await clone(world, 'abc-1')
    await world.commander()
    await waitFor('the other to end', async () => (await world.statuses([second]))[0] === 'succeeded')
    expect(one.taken).toEqual([second])
  })

  it('gives nothing to a clone that has been silent', async () => {
    const world = await openWorld()
    await world.db.query(
      `insert into pipi.clones (id, engine, host, pid, state, capacity, beat_at) values ('abc-0', 'abc', 'here', 1, 'idle', 1, now() - interval '1 minute')`,
    )
    const ids = await world.accept(1)
    await world.commander()
    await waitFor(
      'it to count as gone',
      async () => (await world.db.query(`select from pipi.clones where state = 'gone'`)).length === 1,
    )
    expect(await world.statuses(ids)).toEqual(['accepted'])
  })

  it('fails what a clone had begun when nobody lets it in any more, so that it can be destroyed', async () => {
    const world = await openWorld()
    const { db } = world
    await seedMeters(db, 'abc-account', [
      { meter: 'm', scope: '', unit: 'u', period: 'concurrent', limit: 3, title: 'M' },
    ])
    const [id] = (await world.accept(1)) as [string]
    await assign(db, id)
    const key = engineKey(Buffer.alloc(32, 1), 'abc')
    const dying = openEngineTruth({ url: world.access.url, clone: 'abc-1', key, leaseMs: 500 })
    const next = openEngineTruth({ url: world.access.url, clone: 'abc-2', key })
    onTestFinished(() => Promise.all([dying.close(), next.close()]).then(() => undefined))
    const order = await dying.take(id)
    if (order === null) throw new Error('it was not taken')
    for (const status of ['planning', 'reserving'] as const) await dying.advance(order, status)
    const made = { urn: 'u::app', type: 'x:app:App', id: 'app', amounts: [] }
    await dying.reserve(order, [
      { ...made, amounts: [{ meter: 'm', scope: '', amount: 1, bound: 'proven', because: '' }] },
    ])
    await dying.advance(order, 'applying')
    await dying.intents(order).begin({ urn: made.urn, type: made.type, operation: 'create', deadlineMs: 0 })
    // The clone is gone, and so are the credentials.
    await next.beat({ clone: 'abc-2', engine: 'abc', host: 'here', pid: 1, state: 'idle', running: [], capacity: 2 })
    let there = false
    const refusal = { code: 'not-allowed' as const, message: 'nobody is let in', hint: 'bring credentials' }
    await world.commander(async (): ReturnType<Seal> => (there ? {} : { refusal }))
    await waitFor('it to end', async () => (await world.statuses([id]))[0] === 'failed')
    expect(await getDeployment(db, world.account, id)).toMatchObject({ error: { code: 'not-allowed' } })
    expect(await db.query('select state from pipi.holdings')).toEqual([{ state: 'uncertain' }])
    const fresh = await world.accept(1)
    await waitFor('what nobody had begun to be refused', async () => all('refused')(await world.statuses(fresh)))
    there = true
    const destroy = await intake(world.context, {
      ...{ kind: 'destroy', workspace: order.workspace.name, account: world.account, local: false, by: 'token' },
    })
    await waitFor('it to be assigned', async () => (await world.statuses([destroy.id]))[0] === 'assigned')
    const ending = await next.take(destroy.id)
    if (ending === null) throw new Error('the destroy was not taken')
    const [left] = await next.intents(ending).open()
    await next.intents(ending).end(left?.intent ?? '', { kind: 'absent' })
    for (const status of ['planning', 'reserving', 'applying'] as const) await next.advance(ending, status)
    await next.settle(ending, { status: 'succeeded', resources: [] })
    expect(await db.query(`select from pipi.holdings where state <> 'released'`)).toEqual([])
  })

  it('lets one whose credentials cannot be read wait, and goes on with the others', async () => {
    const world = await openWorld()
    const one = await clone(world, 'abc-1', { capacity: 2 })
    const [broken, good] = (await world.accept(2)) as [string, string]
    await world.commander(async ({ id }) => {
      if (id === broken) throw new Error('EACCES')
      return {}
    })
    await waitFor('the other to end', async () => (await world.statuses([good]))[0] === 'succeeded')
    expect(one.taken).toEqual([good])
    expect(await getDeployment(world.db, world.account, broken)).toMatchObject({
      status: 'accepted',
      waitingFor: expect.stringContaining('read its credentials'),
    })
  })
})
