import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ResourceRule } from '../../../engines/contract/engine.ts'
import type { EngineTruth, SettledResource } from '../../../factory/contract/truth.ts'
import { nextTry } from '../../../platform/commander/back-off.ts'
import { expireCredits, expireWorkspaces } from '../../../platform/commander/expire.ts'
import { sweepUncertain } from '../../../platform/commander/sweep.ts'
import { assign } from '../../../platform/store/assign.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { moveLedgerClock } from '../../../platform/store/ledger-clock.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

const APPS = 'svc.apps'
const DAY = 86_400_000
const RULES: Record<string, Partial<ResourceRule>> = { 'x:app:App': { stateful: false }, 'x:db:Db': { stateful: true } }
const ruleOf = (_engine: string, type: string) => RULES[type] as ResourceRule | undefined
const silent = () => undefined

it('tries at once, then after pauses that grow, and not for ever', () => {
  const backOff = { firstMs: 1000, most: 3 }
  expect(nextTry(0, 0, backOff)).toBe('now')
  expect([999, 1000].map((since) => nextTry(1, since, backOff))).toEqual(['later', 'now'])
  expect([3999, 4000].map((since) => nextTry(2, since, backOff))).toEqual(['later', 'now'])
  expect(nextTry(3, Number.POSITIVE_INFINITY, backOff)).toBe('never')
})

describe('what the commander does by itself', () => {
  let database: TestDatabase
  let world: TestTruth
  let truth: EngineTruth
  beforeAll(async () => {
    database = await testDatabase()
  })
  afterAll(() => database.drop())

  async function open(): Promise<void> {
    world = await openTestTruth(database.db, [{ meter: APPS, scope: '', unit: 'app', period: 'concurrent', limit: 9 }])
    truth = world.engine('a')
  }
  const resource = (name: string, type = 'x:app:App'): SettledResource => ({
    urn: `urn:pulumi:w::pipi::${type}::${name}`,
    type,
    id: `id-${name}`,
    amounts: [{ meter: APPS, scope: '', amount: 1, bound: 'proven', because: 'one' }],
  })
  async function deployed(name: string, options: { type?: string; endsAt?: string } = {}): Promise<string> {
    const { type, endsAt } = options
    const order = await world.taken(truth, { workspaceName: name, ...(endsAt === undefined ? {} : { endsAt }) })
    for (const status of ['planning', 'reserving'] as const) await truth.advance(order, status)
    await truth.reserve(order, [resource(name, type)])
    await truth.advance(order, 'applying')
    await truth.settle(order, { status: 'succeeded', resources: [resource(name, type)] })
    return order.workspace.id
  }
  async function asked(): Promise<string[]> {
    const rows = await database.db.query<{ text: string }>(
      `select d.kind || ' ' || w.name || case when d.delete_data then ' with data' else '' end as text
       from pipi.deployments d join pipi.workspaces w on w.id = d.workspace where d.account = $1 and d.requested_by = 'platform' order by d.id`,
      [world.account],
    )
    return rows.map((row) => row.text)
  }
  const events = async (pattern: RegExp) =>
    (await journalAfter(database.db, { account: world.account, after: 0 })).filter(({ event }) => pattern.test(event))
  /** Whatever the platform asked for last ends so. */
  async function ends(status: 'failed' | 'succeeded', ago: string): Promise<void> {
    await database.db.query(`update pipi.deployments set status = $2 where account = $1 and finished_at is null`, [
      world.account,
      status === 'failed' ? 'failed' : 'cancelled',
    ])
    await database.db.query('alter table pipi.deployments disable trigger deployment_before')
    await database.db.query(
      'update pipi.deployments set finished_at = finished_at - $2::interval where account = $1 and requested_by = $3',
      [world.account, ago, 'platform'],
    )
    await database.db.query('alter table pipi.deployments enable trigger deployment_before')
  }

  it('destroys a workspace at its promised end, told before, and never with its data', async () => {
    await open()
    const endsAt = new Date(Date.now() + 10 * DAY).toISOString()
    await deployed('short', { endsAt })
    await deployed('stays')
    const look = () => expireWorkspaces(database.db, silent, ruleOf)
    expect(await look()).toBe(false)
    await moveLedgerClock(database.db, 9.5 * DAY)
    await look()
    await look()
    expect((await events(/^workspace\./)).map(({ event }) => event)).toEqual(['workspace.expiring'])
    expect(await asked()).toEqual([])
    await moveLedgerClock(database.db, 10 * DAY + 60_000)
    expect(await look()).toBe(true)
    expect(await look()).toBe(false)
    expect(await asked()).toEqual(['destroy short'])
    await moveLedgerClock(database.db, null)
    await world.close()
  })

  it('destroys again after a pause when it failed, and at last says that it stays', async () => {
    await open()
    await deployed('tough', { endsAt: new Date(Date.now() + DAY).toISOString() })
    await moveLedgerClock(database.db, 2 * DAY)
    const look = () => expireWorkspaces(database.db, silent, ruleOf)
    for (let tries = 1; tries <= 5; tries++) {
      expect(await look()).toBe(true)
      await ends('failed', '0 s')
      if (tries < 5) expect(await look()).toBe(false)
      await ends('failed', '1 day')
    }
    expect(await look()).toBe(false)
    expect(await asked()).toHaveLength(5)
    expect((await events(/^workspace\./)).map(({ event }) => event)).toEqual(['workspace.expired-stays'])
    await moveLedgerClock(database.db, null)
    await world.close()
  })

  it('tells the owner instead, when what has reached its end holds data', async () => {
    await open()
    await deployed('precious', { type: 'x:db:Db', endsAt: new Date(Date.now() + DAY).toISOString() })
    await moveLedgerClock(database.db, 2 * DAY)
    await expireWorkspaces(database.db, silent, ruleOf)
    await expireWorkspaces(database.db, silent, ruleOf)
    expect(await asked()).toEqual([])
    const told = await events(/^workspace\./)
    expect(told).toMatchObject([
      { event: 'workspace.expired-kept', data: { workspace: 'precious', holdsData: ['x:db:Db'] } },
    ])
    await moveLedgerClock(database.db, null)
    await world.close()
  })

  it('takes down what holds no data at its promised end, once, and leaves the data with its owner told', async () => {
    await open()
    const order = await world.taken(truth, { workspaceName: 'mixed', endsAt: new Date(Date.now() + DAY).toISOString() })
    for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
    const both = [resource('app'), resource('db', 'x:db:Db')]
    await truth.settle(order, { status: 'succeeded', resources: both })
    await moveLedgerClock(database.db, 2 * DAY)
    const look = () => expireWorkspaces(database.db, silent, ruleOf)
    expect(await look()).toBe(true)
    expect(await asked()).toEqual(['destroy mixed'])
    const [row] = await database.db.query<{ id: string }>(
      `select d.id from pipi.deployments d where d.account = $1 and d.kind = 'destroy'`,
      [world.account],
    )
    await assign(database.db, row?.id ?? '')
    const destroy = await truth.take(row?.id ?? '')
    if (destroy === null) throw new Error('the destroy was not taken')
    for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(destroy, status)
    await truth.settle(destroy, { status: 'succeeded', resources: [resource('db', 'x:db:Db')], outputs: {} })
    expect(await look()).toBe(false)
    expect(await asked()).toEqual(['destroy mixed'])
    expect(await events(/^workspace\./)).toMatchObject([
      { event: 'workspace.expired-kept', data: { workspace: 'mixed', holdsData: ['x:db:Db'] } },
    ])
    await moveLedgerClock(database.db, null)
    await world.close()
  })

  /** A create of which nobody knows the outcome, or that failed; its provider's deadline is `dueMs` from now. */
  async function began(name: string, dueMs: number, outcome?: 'failed'): Promise<void> {
    const order = await world.taken(truth, { workspaceName: name })
    for (const status of ['planning', 'reserving'] as const) await truth.advance(order, status)
    const made = resource(name)
    await truth.reserve(order, [made])
    await truth.advance(order, 'applying')
    const intents = truth.intents(order)
    const intent = await intents.begin({
      urn: made.urn,
      type: made.type,
      operation: 'create',
      deadlineMs: Math.max(dueMs, 0),
    })
    if (outcome !== undefined) await intents.end(intent, { kind: outcome, message: 'the platform said no' })
    await truth.settle(order, { status: 'failed', resources: outcome === undefined ? null : [] })
  }

  it('looks up what is uncertain once the provider’s deadline is over, and not before', async () => {
    await open()
    await began('later', 60_000)
    await began('due', 0)
    const look = () => sweepUncertain(database.db, silent)
    expect(await look()).toBe(true)
    expect(await look()).toBe(false)
    expect(await asked()).toEqual(['refresh due'])
    await world.close()
  })

  it('looks up what it can where one workspace cannot be asked about', async () => {
    await open()
    await began('barred', 0)
    const barred = world
    await database.db.query('delete from pipi.account_clouds where account = $1', [barred.account])
    await open()
    await began('asked', 0)
    const told: string[] = []
    expect(await sweepUncertain(database.db, (_level, text) => told.push(text))).toBe(true)
    expect(await asked()).toEqual(['refresh asked'])
    expect(told).toContainEqual(expect.stringContaining('what exists of barred cannot be looked up'))
    // Nobody else's test is to find it.
    await database.db.query(
      `update pipi.intents set ended_at = clock_timestamp(), outcome = 'absent' where workspace in (select id from pipi.workspaces where account = $1)`,
      [barred.account],
    )
    await database.db.query(
      `update pipi.holdings set state = 'released', released_at = clock_timestamp() where account = $1`,
      [barred.account],
    )
    await Promise.all([barred.close(), world.close()])
  })

  it('looks once more for a create that the platform called failed: it may have come late', async () => {
    await open()
    await began('late', 0, 'failed')
    expect(await sweepUncertain(database.db, silent)).toBe(true)
    expect(await asked()).toEqual(['refresh late'])
    const next = await world.engine('b')
    const [{ id } = { id: '' }] = await database.db.query<{ id: string }>(
      `update pipi.deployments set status = 'assigned' where account = $1 and kind = 'refresh' returning id`,
      [world.account],
    )
    const order = await next.take(id)
    if (order === null) throw new Error('the refresh was not taken')
    const open_ = await next.intents(order).open()
    expect(open_).toMatchObject([{ type: 'x:app:App', operation: 'create', due: true }])
    await next.intents(order).end(open_[0]?.intent ?? '', { kind: 'absent' })
    await next.advance(order, 'planning')
    await next.settle(order, { status: 'succeeded', resources: [] })
    expect(await sweepUncertain(database.db, silent)).toBe(false)
    await world.close()
  })

  it('stops asking after some tries, and says that somebody has to look', async () => {
    await open()
    await began('stuck', 0)
    const look = () => sweepUncertain(database.db, silent)
    for (let tries = 1; tries <= 4; tries++) {
      expect(await look()).toBe(true)
      await ends('failed', '1 day')
    }
    expect(await look()).toBe(false)
    expect(await look()).toBe(false)
    expect(await events(/^recovery\./)).toMatchObject([
      { event: 'recovery.needs-decision', data: { workspace: 'stuck', tries: 4 } },
    ])
    await world.close()
  })

  it('lets a credit go past its last day, once, and tells it', async () => {
    await open()
    await database.db.query(
      `insert into pipi.credits (id, cloud_account, usd, expires_at, made_by) values ('c1', $1, 50, pipi.ledger_now() + interval '1 day', 'tester')`,
      [world.cloudAccount],
    )
    await database.db.query('select pipi.seed_money($1)', [world.cloudAccount])
    const limit = async () => {
      const [row] = await database.db.query<{ n: number }>(
        `select stated_limit as n from pipi.meters where cloud_account = $1 and meter = 'usd.credit'`,
        [world.cloudAccount],
      )
      return row?.n
    }
    await expireCredits(database.db, silent)
    expect(await limit()).toBe(50)
    await moveLedgerClock(database.db, 2 * DAY)
    await expireCredits(database.db, silent)
    await expireCredits(database.db, silent)
    expect(await limit()).toBe(0)
    expect(await events(/^credit\./)).toMatchObject([{ event: 'credit.expired', data: { credit: 'c1', usd: 50 } }])
    await moveLedgerClock(database.db, null)
    await world.close()
  })
})
