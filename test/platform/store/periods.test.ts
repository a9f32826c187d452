import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Amount } from '../../../catalog/demand.ts'
import type { EngineTruth, Order, ReserveLine, Settlement } from '../../../factory/contract/truth.ts'
import { observe, observeStrays } from '../../../platform/store/observe.ts'
import { quota } from '../../../platform/store/quota.ts'
import type { StatedMeter } from '../../../platform/store/seed-meters.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

const HOUR = 3_600_000
const METERS: StatedMeter[] = [
  { meter: 'm.month', scope: '', unit: 'u', period: 'month', limit: 100, usdPerUnit: 0.5 },
  { meter: 'm.day', scope: '', unit: 'u', period: 'day', limit: 24 },
  { meter: 'm.apps', scope: '', unit: 'app', period: 'concurrent', limit: 3, usdPerUnit: 3 },
  { meter: 'm.region', scope: '*', unit: 'u', period: 'concurrent', limit: 2 },
]

let database: TestDatabase
let world: TestTruth
let truth: EngineTruth
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  // First the time: a meter's period only ever goes on.
  await setClock('2031-03-01T00:00:00Z')
  world = await openTestTruth(database.db, METERS, { consentWatched: true })
  truth = world.engine('a')
  return () => world.close()
})

/** The ledger's clock, as the sandbox moves it. */
async function setClock(iso: string): Promise<void> {
  await database.db.query(
    `insert into pipi.settings (name, value) values ('sandbox.offset', $1) on conflict (name) do update set value = excluded.value`,
    [String(Date.parse(iso) - Date.now())],
  )
}

const line = (meter: string, amount: number, more: Partial<Amount & { urn: string }> = {}): ReserveLine => {
  const { urn = 'urn:x::thing', ...rest } = more
  return { urn, type: 't', amounts: [{ meter, scope: '', amount, bound: 'proven', because: 'test', ...rest }] }
}

async function lives(lines: ReserveLine[], over: { workspaceName?: string; endsAt?: string } = {}): Promise<Order> {
  const order = await world.taken(truth, over)
  expect(await truth.reserve(order, lines)).toEqual({ ok: true })
  await settle(order, lines)
  return order
}

async function settle(order: Order, lines: ReserveLine[], status: Settlement['status'] = 'succeeded'): Promise<void> {
  if (status === 'succeeded')
    for (const to of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, to)
  await truth.settle(order, { status, resources: lines.map((each) => ({ ...each, id: 'id-1' })) })
}

async function goes(order: Order): Promise<void> {
  const destroy = await world.taken(truth, { workspaceName: order.workspace.name, kind: 'destroy' })
  await settle(destroy, [])
}

async function meter(id: string) {
  const found = (await quota(database.db, world.account)).find((one) => one.meter === id)
  if (!found) throw new Error(`no meter ${id}`)
  return found
}

async function refusal(lines: ReserveLine[], over: { endsAt?: string } = {}) {
  const answer = await truth.reserve(await world.taken(truth, over), lines)
  if (answer.ok) throw new Error('not refused')
  return answer.refusal
}

describe('a period', () => {
  it('takes of a rate what is left of it, and gives back what lies after the end', async () => {
    // 31 days: at noon of the 16th half of them are over.
    await setClock('2031-03-16T12:00:00Z')
    const order = await lives([line('m.month', 60)])
    expect(await meter('m.month')).toMatchObject({ held: expect.closeTo(30, 3), standing: 60, leftNext: 40 })
    await setClock('2031-03-24T06:00:00Z')
    expect(await meter('m.month')).toMatchObject({ gone: expect.closeTo(15, 3), used: 0 })
    await goes(order)
    expect(await meter('m.month')).toMatchObject({ held: 0, standing: 0, used: expect.closeTo(15, 3) })
  })

  it('takes of what is watched all of it, but for what it can take in each hour that is left', async () => {
    await setClock('2031-03-31T20:00:00Z')
    await lives([line('m.month', 40, { bound: 'watched', perHour: 2 })])
    expect(await meter('m.month')).toMatchObject({ held: expect.closeTo(8, 2), standing: 40 })
    // Grown faster, it may take more of what is left.
    await lives([line('m.month', 40, { bound: 'watched', perHour: 5, urn: 'urn:x::fast' })], { workspaceName: 'fast' })
    await lives([line('m.month', 40, { bound: 'watched', perHour: 9, urn: 'urn:x::fast' })], { workspaceName: 'fast' })
    expect(await meter('m.month')).toMatchObject({ held: expect.closeTo(8 + 36, 2), standing: 80 })
    await setClock('2031-04-01T00:00:00Z')
    expect(await meter('m.month')).toMatchObject({ held: 80, standing: 80 })
  })

  it('is begun anew by whoever comes first, and seen so by who only reads', async () => {
    await setClock('2031-03-16T12:00:00Z')
    const order = await lives([line('m.month', 62)])
    await goes(await lives([line('m.month', 31, { bound: 'watched' })], { workspaceName: 'gone' }))
    expect(await meter('m.month')).toMatchObject({ used: 31, resets: '2031-04-01T00:00:00.000Z' })
    await setClock('2031-04-02T00:00:00Z')
    const seen = { held: 60, used: 0, standing: 62, gone: expect.closeTo(2, 3), resets: '2031-05-01T00:00:00.000Z' }
    expect(await meter('m.month')).toMatchObject(seen)
    await lives([line('m.day', 1)], { workspaceName: 'another' })
    await lives([line('m.month', 1)], { workspaceName: 'first' })
    expect(await meter('m.month')).toMatchObject({ used: 0, standing: 63, held: expect.closeTo(60 + 29 / 31, 3) })
    await goes(order)
    expect(await meter('m.month')).toMatchObject({ used: expect.closeTo(2, 3), standing: 1 })
  })

  it('a month in which nobody does anything needs no process alive', async () => {
    const order = await lives([line('m.month', 62), line('m.day', 12, { urn: 'urn:x::other' })])
    await setClock('2032-01-16T12:00:00Z')
    await goes(order)
    expect(await meter('m.month')).toMatchObject({ held: 0, used: expect.closeTo(31, 3) })
    expect(await meter('m.day')).toMatchObject({ held: 0, used: expect.closeTo(6, 3) })
  })

  it('refuses what fits the rest of this one and not the next, and an end before it is the way out', async () => {
    await setClock('2031-03-30T00:00:00Z')
    await lives([line('m.month', 80)])
    const refused = await refusal([line('m.month', 50)])
    expect(refused).toMatchObject({ code: 'lock.over-limit', held: 80, asked: 50 })
    expect(refused.message).toContain('this month has room for and the next has not')
    expect(refused.hint).toContain('give it an end before 2031-04-01')
    expect((await refusal([line('m.month', 50)], { endsAt: '2031-04-20T00:00:00Z' })).hint).toContain(
      'let it end earlier',
    )
    const ending = await lives([line('m.month', 50)], { endsAt: '2031-03-31T20:00:00Z' })
    expect(ending.endsAt).toBe('2031-03-31T20:00:00.000Z')
    expect(await meter('m.month')).toMatchObject({ standing: 80 })
    expect((await meter('m.month')).holders).toContainEqual(
      expect.objectContaining({ amount: 50, endsAt: '2031-03-31T21:00:00.000Z' }),
    )
  })

  it('sees an end that was not kept: it counts in full, the meter is over, the journal says so once, and nothing more is reserved', async () => {
    await setClock('2031-03-30T00:00:00Z')
    await lives([line('m.month', 80)])
    const late = await lives([line('m.month', 50)], { workspaceName: 'late', endsAt: '2031-03-31T20:00:00Z' })
    await setClock('2031-04-01T12:00:00Z')
    expect(await meter('m.month')).toMatchObject({ over: true, left: 0, standing: 130 })
    expect(await refusal([line('m.month', 1)])).toMatchObject({ code: 'lock.over-limit' })
    await refusal([line('m.month', 1)])
    const told = () =>
      database.db.query(`select data from pipi.journal where account = $1 and event = 'meter.over'`, [world.account])
    expect(await told()).toHaveLength(1)
    await goes(late)
    expect(await meter('m.month')).toMatchObject({ over: false, standing: 80 })
    await lives([line('m.month', 1)], { workspaceName: 'more' })
    expect(await told()).toHaveLength(1)
  })

  it('lets what ends end later only where this period and the next have room for it', async () => {
    await lives([line('m.month', 70)])
    const short = { workspaceName: 'short', endsAt: '2031-03-20T00:00:00Z' }
    await lives([line('m.month', 20)], short)
    const before = await meter('m.month')
    expect(before).toMatchObject({ standing: 70 })
    await lives([line('m.month', 20)], { workspaceName: 'short' })
    expect(await meter('m.month')).toMatchObject({ standing: 90, held: expect.closeTo(90, 3) })
    await lives([line('m.month', 20)], short)
    expect(await meter('m.month')).toMatchObject({ standing: 70, held: expect.closeTo(before.held, 3) })
    await lives([line('m.month', 15)], { workspaceName: 'in between' })
    const later = await world.taken(truth, { workspaceName: 'short' })
    expect(await truth.reserve(later, [line('m.month', 20)])).toMatchObject({ ok: false })
    expect(await meter('m.month')).toMatchObject({ standing: 85 })
  })

  it('counts old and new of a replacement until the settlement says that the old one is gone', async () => {
    const order = await lives([line('m.apps', 2)])
    const replace = await world.taken(truth, { workspaceName: order.workspace.name })
    const both = { ...line('m.apps', 1), replacing: true }
    expect(await truth.reserve(replace, [both])).toEqual({ ok: true })
    // The same engine again, after a crash: once is as good as twice.
    expect(await truth.reserve(replace, [both])).toEqual({ ok: true })
    expect(await meter('m.apps')).toMatchObject({ held: 3 })
    expect(await truth.reserve(replace, [{ ...line('m.apps', 2), replacing: true }])).toMatchObject({ ok: false })
    await truth.settle(replace, { status: 'failed', resources: [{ ...line('m.apps', 1), id: 'id-2' }] })
    expect(await meter('m.apps')).toMatchObject({ held: 1 })
  })
})

describe('what is given back', () => {
  it('of a deployment that never reached the platform is all of it', async () => {
    const order = await world.taken(truth)
    await truth.reserve(order, [line('m.month', 40, { bound: 'watched' })])
    await settle(order, [], 'failed')
    expect(await meter('m.month')).toMatchObject({ held: 0, used: 0 })
  })

  it('of what is watched is nothing until a reading goes beyond its end, and then what was not used', async () => {
    const order = await lives([line('m.month', 40, { bound: 'watched' })])
    await setClock('2031-03-10T00:00:00Z')
    const reading = (amount: number, iso: string) =>
      observe(database.db, world.cloudAccount, [
        { meter: 'm.month', scope: '', total: amount, byResource: [{ id: 'id-1', amount }], until: Date.parse(iso) },
      ])
    await reading(5, '2031-03-09T00:00:00Z')
    await goes(order)
    expect(await meter('m.month')).toMatchObject({ held: 0, used: 40, observed: 0, reading: 5 })
    const unread = async () =>
      (await database.db.query<{ gone: unknown[] }>('select pipi.gone_unread($1) as gone', [world.cloudAccount]))[0]
        ?.gone
    expect(await unread()).toMatchObject([{ id: 'id-1', type: expect.any(String), region: expect.any(String) }])
    await setClock('2031-03-11T00:00:00Z')
    await reading(7, '2031-03-10T12:00:00Z')
    expect(await meter('m.month')).toMatchObject({ used: 7, observed: 0, reading: 7 })
    expect(await unread()).toEqual([])
  })

  it('of what is watched is at once what it cannot have used, where the most an hour is known', async () => {
    const order = await lives([line('m.month', 40, { bound: 'watched', perHour: 2 })])
    await setClock('2031-03-01T05:00:00Z')
    await goes(order)
    expect(await meter('m.month')).toMatchObject({ held: 0, used: expect.closeTo(10, 2) })
  })

  it('keeps the row of what stays, so that it counts from when it began', async () => {
    const order = await lives([line('m.month', 31)])
    await setClock('2031-03-16T12:00:00Z')
    await lives([line('m.month', 31)], { workspaceName: order.workspace.name })
    await lives([line('m.month', 62)], { workspaceName: order.workspace.name })
    // 31 from the beginning, and 31 more from the middle on.
    expect(await meter('m.month')).toMatchObject({ held: expect.closeTo(31 + 15.5, 2), standing: 62 })
    await goes(order)
    expect(await meter('m.month')).toMatchObject({ held: 0, used: expect.closeTo(15.5, 2) })
  })
})

describe('what is observed', () => {
  it('is not what of ours was read before, where a reading tells only some of it apart', async () => {
    await lives([line('m.month', 40, { bound: 'watched' })])
    await setClock('2031-03-05T00:00:00Z')
    const reading = (total: number, id: string, amount: number, day: string) =>
      observe(database.db, world.cloudAccount, [
        {
          ...{ meter: 'm.month', scope: '', total, until: Date.parse(`2031-03-${day}T00:00:00Z`) },
          byResource: [{ id, amount }],
        },
      ])
    await reading(10, 'id-1', 10, '02')
    expect(await meter('m.month')).toMatchObject({ observed: 0, reading: 10 })
    await reading(22, 'somebody-else', 10, '03')
    expect(await meter('m.month')).toMatchObject({ observed: 12, reading: 22 })
  })

  it('is what is beyond ours: each of ours up to its part where the platform tells them apart', async () => {
    await lives([line('m.month', 40, { bound: 'watched' })])
    await setClock('2031-03-05T00:00:00Z')
    const reading = (total: number, ours: number | undefined, day: string) =>
      observe(database.db, world.cloudAccount, [
        {
          ...{ meter: 'm.month', scope: '', total, until: Date.parse(`2031-03-${day}T00:00:00Z`) },
          ...(ours === undefined ? {} : { byResource: [{ id: 'id-1', amount: ours }] }),
        },
      ])
    await reading(30, 10, '02')
    expect(await meter('m.month')).toMatchObject({ observed: 20, reading: 30, left: 40, over: false })
    await reading(90, 70, '03')
    expect(await meter('m.month')).toMatchObject({ observed: 50, left: 10 })
    // An older one changes nothing, nor one of the month before.
    await reading(1, 1, '02')
    await observe(database.db, world.cloudAccount, [
      { meter: 'm.month', scope: '', total: 99, until: Date.parse('2031-02-28T00:00:00Z') },
    ])
    expect(await meter('m.month')).toMatchObject({ observed: 50, reading: 90 })
    await reading(141, undefined, '04')
    expect(await meter('m.month')).toMatchObject({ observed: 101, over: true, left: 0 })
    await setClock('2031-04-01T00:00:00Z')
    expect(await meter('m.month')).toMatchObject({ observed: 0, over: false })
    expect((await meter('m.month')).reading).toBeUndefined()
  })

  it('of a rate is no more ours than can have passed by then', async () => {
    await lives([line('m.month', 62)])
    await setClock('2031-03-02T00:00:00Z')
    await observe(database.db, world.cloudAccount, [
      { meter: 'm.month', scope: '', total: 12, until: Date.parse('2031-03-02T00:00:00Z') },
    ])
    expect((await meter('m.month')).observed).toBeCloseTo(10, 2)
  })

  it('of what exists is what a survey found beside ours, and all of it', async () => {
    await lives([line('m.apps', 1)])
    const strays = (amount: number) =>
      observeStrays(database.db, world.cloudAccount, amount === 0 ? [] : [{ meter: 'm.apps', scope: '', amount }])
    await strays(2)
    expect((await refusal([line('m.apps', 1)])).held).toBe(3)
    await strays(5)
    expect(await meter('m.apps')).toMatchObject({ held: 1, observed: 5, over: true })
    await strays(0)
    expect(await meter('m.apps')).toMatchObject({ observed: 0, left: 2 })
  })
})

describe('money', () => {
  const budget = async (usd: number) => {
    await database.db.query(
      `insert into pipi.proposals (id, account, cloud_account, what, value, proposed_by, confirm_before, confirmed_at) values ($1, $2, $3, 'budget', $4, 'owner', now(), clock_timestamp())`,
      [`p${Math.random()}`, world.account, world.cloudAccount, JSON.stringify({ usdPerMonth: usd })],
    )
    await database.db.query('select pipi.seed_money($1)', [world.cloudAccount])
  }
  const credit = async (usd: number, expires: string) => {
    const id = `c${Math.random()}`
    await database.db.query(
      `insert into pipi.credits (id, cloud_account, usd, expires_at, made_by) values ($1, $2, $3, $4, 'owner')`,
      [id, world.cloudAccount, usd, expires],
    )
    await database.db.query('select pipi.seed_money($1)', [world.cloudAccount])
  }

  it('pays nothing while the budget is 0, and the refusal says what it would cost', async () => {
    const { hint } = await refusal([line('m.apps', 4)])
    expect(hint).toContain('beyond what is free it costs 3.00 USD a month, and the budget is 0')
  })

  it('takes free first, then budget, for exactly as much as was put in', async () => {
    await budget(6.5)
    const order = await lives([line('m.apps', 5)])
    expect(await meter('m.apps')).toMatchObject({ held: 3, holders: [expect.objectContaining({ amount: 5, paid: 2 })] })
    expect(await meter('usd.budget')).toMatchObject({
      pays: 'budget',
      limit: 6.5,
      held: expect.closeTo(6, 3),
      standing: 6,
    })
    expect((await refusal([line('m.apps', 1)])).hint).toContain('0.50 of a budget of 6.50 USD is left')
    // Less of it: what money pays goes first.
    await settle(await world.taken(truth, { workspaceName: order.workspace.name }), [line('m.apps', 4)])
    expect(await meter('usd.budget')).toMatchObject({ held: expect.closeTo(3, 2), standing: 3 })
    await budget(1)
    expect(await meter('usd.budget')).toMatchObject({ limit: 1, over: true })
    await goes(order)
    expect(await meter('m.apps')).toMatchObject({ held: 0 })
    expect(await meter('usd.budget')).toMatchObject({ held: 0, over: false })
  })

  it('splits what accrues, and a day costs as much as its month', async () => {
    await budget(50)
    await lives([line('m.month', 150)])
    expect(await meter('m.month')).toMatchObject({ standing: 100 })
    expect(await meter('usd.budget')).toMatchObject({ standing: 25 })
    expect(await refusal([line('m.day', 25)])).toMatchObject({ code: 'lock.over-limit' })
  })

  it('pays by credit only what ends before its last day, its whole cost until then, and gives back what was not used', async () => {
    await credit(10, '2031-04-20T00:00:00Z')
    expect(await truth.reserve(await world.taken(truth), [line('m.apps', 4)])).toMatchObject({ ok: false })
    const beyond = { endsAt: '2031-05-01T00:00:00Z' }
    expect(await truth.reserve(await world.taken(truth, beyond), [line('m.apps', 4)])).toMatchObject({ ok: false })
    // An hour more than 31 days at 3 USD a month.
    const order = await lives([line('m.apps', 4)], { endsAt: '2031-03-31T23:00:00Z' })
    expect((await meter('usd.credit')).held).toBeCloseTo(3, 2)
    await setClock('2031-03-16T12:00:00Z')
    await goes(order)
    expect(await meter('usd.credit')).toMatchObject({ held: 0, used: expect.closeTo(1.5, 2) })
    await setClock('2031-04-21T00:00:00Z')
    await credit(4, '2031-06-01T00:00:00Z')
    // What was spent of the one that ended stays spent, and nothing else of it is left.
    expect(await meter('usd.credit')).toMatchObject({ limit: expect.closeTo(5.5, 2), left: expect.closeTo(4, 2) })
  })

  it('never pays for what has no price, what nothing bounds, or beyond the owner’s word', async () => {
    await budget(1000)
    expect(await refusal([line('m.day', 25)])).toMatchObject({ code: 'lock.over-limit' })
    expect(await refusal([line('m.apps', 4, { bound: 'unbounded' })])).toMatchObject({ code: 'lock.unbounded' })
    await lives([line('m.apps', 336)])
    expect(await refusal([line('m.apps', 1)])).toMatchObject({ code: 'lock.over-limit' })
  })
})

describe('the kill switch', () => {
  const turn = (to: string) =>
    database.db.query('update pipi.cloud_accounts set switch = $2, switch_why = $3 where id = $1', [
      ...[world.cloudAccount, to, '96 % of m.month'],
    ])

  it('reserves nothing and lets nothing be made, but lets go, stand still and look', async () => {
    const order = await world.taken(truth)
    await turn('stopped')
    const refused = await truth.reserve(order, [line('m.apps', 1)])
    expect(refused).toMatchObject({ ok: false, refusal: { code: 'lock.stopped', resource: 'urn:x::thing' } })
    expect(JSON.stringify(refused)).toContain('96 % of m.month')
    const intent = { urn: 'urn:x::thing', type: 't', deadlineMs: HOUR }
    for (const operation of ['create', 'update'] as const)
      await expect(truth.intents(order).begin({ ...intent, operation })).rejects.toMatchObject({ code: 'lock.stopped' })
    await truth.intents(order).begin({ ...intent, operation: 'delete' })
    await truth.settle(order, { status: 'failed', resources: [] })
    await turn('open')
    await lives([line('m.apps', 1)], { workspaceName: 'alive' })
    await turn('suspended')
    const suspend = await world.taken(truth, { workspaceName: 'alive', kind: 'suspend' })
    expect(suspend.cloudAccount.switch).toBe('suspended')
    expect(await truth.reserve(suspend, [line('m.apps', 1)])).toEqual({ ok: true })
    await truth.intents(suspend).begin({ ...intent, operation: 'update' })
    await settle(suspend, [line('m.apps', 1)])
    const suspended = () =>
      database.db.query('select suspended from pipi.workspaces where id = $1', [suspend.workspace.id])
    expect(await suspended()).toEqual([{ suspended: true }])
    expect(await meter('m.apps')).toMatchObject({ held: 1 })
    const resume = await world.taken(truth, { workspaceName: 'alive', kind: 'resume' })
    expect(await truth.reserve(resume, [line('m.apps', 1)])).toMatchObject({ refusal: { code: 'lock.stopped' } })
    await turn('open')
    expect(await truth.reserve(resume, [line('m.apps', 1)])).toEqual({ ok: true })
    await settle(resume, [line('m.apps', 1)])
    expect(await suspended()).toEqual([{ suspended: false }])
  })
})

it('names the regions that have room, and gives each the limit when it is first met', async () => {
  await lives([line('m.region', 2, { scope: 'eu-1' })])
  await lives([line('m.region', 1, { scope: 'eu-2' })], { workspaceName: 'b' })
  expect((await refusal([line('m.region', 1, { scope: 'eu-1' })])).hint).toContain(
    'any other region, eu-2 have room for it',
  )
})
