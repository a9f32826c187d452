import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ResourceRule } from '../../../engines/contract/engine.ts'
import type { Reading } from '../../../engines/contract/watch.ts'
import type { EngineTruth, SettledResource } from '../../../factory/contract/truth.ts'
import { watchUse } from '../../../platform/commander/kill-switch.ts'
import { type RuleOf, standStill } from '../../../platform/commander/stand-still.ts'
import { accept } from '../../../platform/store/accept.ts'
import { getDeployment } from '../../../platform/store/get-deployment.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { moveLedgerClock } from '../../../platform/store/ledger-clock.ts'
import { nextToAssign } from '../../../platform/store/next-to-assign.ts'
import { setSwitch } from '../../../platform/store/set-switch.ts'
import { openWatches, requestWatch } from '../../../platform/store/watches.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

const REQUESTS = 'svc.requests'
const APPS = 'svc.apps'
const DAY = 86_400_000
const HOUR = DAY / 24

/** A function can be made to stand still, a queue cannot. */
const RULES: Record<string, Partial<ResourceRule>> = { 'x:fn:Fn': { suspended: (inputs) => inputs }, 'x:q:Queue': {} }
const ruleOf: RuleOf = (_engine, type) => RULES[type] as ResourceRule | undefined
const silent = () => undefined

describe('the kill switch', () => {
  let database: TestDatabase
  let world: TestTruth
  let truth: EngineTruth
  beforeAll(async () => {
    database = await testDatabase()
  })
  afterAll(() => database.drop())

  async function open(onBurn: 'stop' | 'suspend' = 'suspend'): Promise<void> {
    // The tests share an engine: only this one's account is looked at.
    await database.db.query('delete from pipi.watches')
    world = await openTestTruth(
      database.db,
      [
        { meter: REQUESTS, scope: '', unit: 'request', period: 'month', limit: 1000 },
        { meter: APPS, scope: '', unit: 'app', period: 'concurrent', limit: 3 },
      ],
      { consentWatched: true },
    )
    await database.db.query('update pipi.cloud_accounts set on_burn = $2 where id = $1', [world.cloudAccount, onBurn])
    await openWatches(database.db, world.cloudAccount, { usage: 300_000 })
    truth = world.engine('a')
  }

  const resource = (name: string, type: string, meter: string, amount: number): SettledResource => ({
    urn: `urn:pulumi:w::pipi::${type}::${name}`,
    type,
    id: `id-${name}`,
    amounts: [{ meter, scope: '', amount, bound: meter === APPS ? 'proven' : 'watched', because: 'so much' }],
  })

  /** A live workspace with one resource. */
  async function deployed(name: string, type = 'x:fn:Fn', meter = REQUESTS, amount = 100): Promise<string> {
    const order = await world.taken(truth, { workspaceName: name })
    const made = resource(name, type, meter, amount)
    for (const status of ['planning', 'reserving'] as const) await truth.advance(order, status)
    expect(await truth.reserve(order, [made])).toEqual({ ok: true })
    await truth.advance(order, 'applying')
    await truth.settle(order, { status: 'succeeded', resources: [made] })
    return order.workspace.id
  }

  /** The platform says this, so many milliseconds late, and the commander looks. */
  async function read(
    readings: (Partial<Reading> & { total: number })[],
    charged?: { usd: number; says: string },
    late = 0,
  ) {
    await requestWatch(database.db, world.cloudAccount, 'usage')
    const watch = await truth.takeWatch('a', ['usage'])
    if (watch === null) throw new Error('no watch was due')
    await truth.reportWatch(watch, {
      ok: true,
      kind: 'usage',
      usage: {
        readings: readings.map((one) => ({ meter: REQUESTS, scope: '', until: watch.now - late, ...one })),
        ...(charged === undefined ? {} : { charged }),
      },
    })
    return watchUse(database.db, silent, () => late)
  }

  async function account(): Promise<Record<string, unknown> | undefined> {
    const [row] = await database.db.query('select switch, tripped from pipi.cloud_accounts where id = $1', [
      world.cloudAccount,
    ])
    return row
  }

  async function events(): Promise<{ event: string; data: Record<string, unknown> }[]> {
    const records = await journalAfter(database.db, { account: world.account, after: 0 })
    return records.filter(({ event }) => /^(meter|switch|account|workspace)\./.test(event))
  }

  /** Deployments that the platform itself asked for, oldest first, as `kind name`. */
  async function asked(): Promise<string[]> {
    const rows = await database.db.query<{ text: string }>(
      `select d.kind || ' ' || w.name as text from pipi.deployments d join pipi.workspaces w on w.id = d.workspace
       where d.account = $1 and d.requested_by = 'platform' order by d.id`,
      [world.account],
    )
    return rows.map((row) => row.text)
  }

  async function carryOut(kind: string): Promise<void> {
    const next = (await nextToAssign(database.db)).filter((one) => one.account === world.account && one.kind === kind)
    for (const { id } of next) {
      await database.db.query(`update pipi.deployments set status = 'assigned' where id = $1`, [id])
      const order = await truth.take(id)
      if (order === null) throw new Error(`${id} was not taken`)
      const [known] = await database.db.query<{ list: SettledResource[] }>(
        `select jsonb_agg(jsonb_build_object('urn', urn, 'type', type, 'id', id, 'amounts', amounts)) as list from pipi.resources where workspace = $1`,
        [order.workspace.id],
      )
      for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
      await truth.settle(order, { status: 'succeeded', resources: known?.list ?? [] })
    }
  }

  it('warns at 80 % once a period, with the figures', async () => {
    await open()
    await deployed('quiet')
    await read([{ total: 700 }])
    expect(await events()).toEqual([])
    await read([{ total: 810 }])
    await read([{ total: 820 }])
    const warnings = (await events()).filter(({ event }) => event === 'meter.warning')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.data).toMatchObject({
      cloudAccount: world.cloudAccount,
      meter: REQUESTS,
      limit: 1000,
      reading: 810,
      share: 0.81,
    })
    expect(await account()).toMatchObject({ switch: 'open' })
    await world.close()
  })

  it('stops at 95 %: nothing new is made, what runs goes on, and the journal has the figures', async () => {
    await open('stop')
    await deployed('running')
    expect(await read([{ total: 951 }])).toBe(true)
    expect(await account()).toMatchObject({
      switch: 'stopped',
      tripped: [{ meter: REQUESTS, scope: '', reading: 951, limit: 1000 }],
    })
    expect((await events()).map(({ event }) => event)).toContain('switch.stopped')
    const order = await world.taken(truth, { workspaceName: 'new' })
    for (const status of ['planning', 'reserving'] as const) await truth.advance(order, status)
    expect(await truth.reserve(order, [resource('new', 'x:fn:Fn', REQUESTS, 1)])).toMatchObject({
      ok: false,
      refusal: { code: 'lock.stopped' },
    })
    await standStill(database.db, silent, ruleOf)
    expect(await asked()).toEqual([])
    await world.close()
  })

  it('suspends what burns, the worst first, and leaves alone what takes no part in it', async () => {
    await open()
    await deployed('small')
    await deployed('large', 'x:fn:Fn', REQUESTS, 200)
    await deployed('other', 'x:fn:Fn', APPS, 1)
    await deployed('stiff', 'x:q:Queue', REQUESTS, 10)
    await read([
      {
        total: 990,
        byResource: [
          { id: 'id-small', amount: 900 },
          { id: 'id-large', amount: 20 },
        ],
      },
    ])
    expect(await account()).toMatchObject({ switch: 'suspended' })
    await standStill(database.db, silent, ruleOf)
    expect(await asked()).toEqual(['suspend small', 'suspend large'])
    // Asked again it asks for nothing twice, whoever asks.
    await Promise.all([standStill(database.db, silent, ruleOf), standStill(database.db, silent, ruleOf)])
    expect(await asked()).toEqual(['suspend small', 'suspend large'])
    expect((await events()).find(({ event }) => event === 'workspace.burns-on')?.data).toMatchObject({
      workspace: 'stiff',
      why: 'nothing of it can be made to stand still',
    })
    await carryOut('suspend')
    await standStill(database.db, silent, ruleOf)
    expect(await asked()).toEqual(['suspend small', 'suspend large'])
    await world.close()
  })

  it('goes before everything that waits, and ends what would keep it waiting', async () => {
    await open()
    await deployed('burning')
    const waiting = []
    for (let n = 0; n < 150; n++)
      waiting.push((await accept(database.db, world.request({ workspaceName: `waits-${n}` }))).deployment.id)
    const before = (await accept(database.db, world.request({ workspaceName: 'burning' }))).deployment
    const running = await world.taken(truth, { workspaceName: 'running' })
    await read([{ total: 990 }])
    await standStill(database.db, silent, ruleOf)
    expect((await nextToAssign(database.db, 1))[0]).toMatchObject({
      kind: 'suspend',
      workspaceName: 'burning',
      urgent: true,
    })
    expect(await getDeployment(database.db, world.account, before.id)).toMatchObject({
      status: 'refused',
      refusal: { code: 'lock.stopped' },
    })
    expect(await truth.renew(running)).toBe('cancel')
    expect((await getDeployment(database.db, world.account, waiting[0] as string))?.status).toBe('accepted')
    await database.db.query(`update pipi.deployments set status = 'cancelled' where id = any($1)`, [waiting])
    await world.close()
  })

  it('foresees that the limit is passed before the next reading is known', async () => {
    await open()
    await deployed('fast')
    const start = Date.now()
    await read([{ total: 100, until: start }])
    await moveLedgerClock(database.db, 600_000)
    expect(await read([{ total: 720, until: start + 600_000 }])).toBe(true)
    await moveLedgerClock(database.db, null)
    expect(await account()).toMatchObject({ switch: 'suspended' })
    await world.close()
  })

  it('acts when the platform charges more than the owner allows, and tells of any charge', async () => {
    await open()
    await deployed('costly')
    await read([{ total: 1 }], { usd: 0.01, says: 'bill so far' })
    expect(await account()).toMatchObject({
      switch: 'suspended',
      tripped: [{ meter: 'usd.charged', reading: 0.01, limit: 0 }],
    })
    expect((await events()).find(({ event }) => event === 'account.charged')?.data).toMatchObject({
      usd: 0.01,
      allowed: 0,
    })
    await standStill(database.db, silent, ruleOf)
    expect(await asked()).toEqual(['suspend costly'])
    await world.close()
  })

  it('leaves an account alone whose meters others fill: that is told, and no switch of ours would change it', async () => {
    await open()
    await read([{ total: 5000 }])
    expect(await account()).toMatchObject({ switch: 'open' })
    expect((await events()).map(({ event }) => event)).toContain('meter.warning')
    await world.close()
  })

  it('finds what burns although it was expected to take nothing', async () => {
    await open()
    await deployed('modest', 'x:fn:Fn', REQUESTS, 0)
    await read([{ total: 990 }])
    expect(await account()).toMatchObject({ switch: 'suspended' })
    await standStill(database.db, silent, ruleOf)
    expect(await asked()).toEqual(['suspend modest'])
    await world.close()
  })

  it('is opened by hand: what was suspended comes back, and the next reading has the say again', async () => {
    await open()
    await deployed('back')
    await read([{ total: 960 }])
    await standStill(database.db, silent, ruleOf)
    await carryOut('suspend')
    expect(await setSwitch(database.db, world.cloudAccount, 'open', 'the owner says so', 'tester')).toBe(true)
    // The old reading turns nothing again.
    expect(await watchUse(database.db, silent, () => 0)).toBe(false)
    await standStill(database.db, silent, ruleOf)
    expect(await asked()).toEqual(['suspend back', 'resume back'])
    await carryOut('resume')
    await standStill(database.db, silent, ruleOf)
    expect(await asked()).toEqual(['suspend back', 'resume back'])
    expect(await read([{ total: 961 }])).toBe(true)
    expect(await account()).toMatchObject({ switch: 'suspended' })
    await world.close()
  })

  it('opens by itself only when the period is over and the owner wants that', async () => {
    await open()
    await deployed('sleeps')
    await read([{ total: 960 }])
    const wants = (resume: string) =>
      database.db.query('update pipi.cloud_accounts set resume = $2 where id = $1', [world.cloudAccount, resume])
    await wants('next-period')
    // The period is not over.
    expect(await watchUse(database.db, silent, () => 0)).toBe(false)
    expect(await account()).toMatchObject({ switch: 'suspended' })
    await wants('by-hand')
    await moveLedgerClock(database.db, 32 * DAY)
    expect(await watchUse(database.db, silent, () => 0)).toBe(false)
    expect(await account()).toMatchObject({ switch: 'suspended' })
    await wants('next-period')
    expect(await watchUse(database.db, silent, () => 0)).toBe(true)
    expect(await account()).toMatchObject({ switch: 'open', tripped: [] })
    await moveLedgerClock(database.db, null)
    await world.close()
  })

  it('that acted on what was only foreseen opens by itself once the platform says that it did not come', async () => {
    // In the middle of a month.
    const today = new Date()
    const noon = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 10, 12) - today.getTime()
    const at = async (hours: number, total: number) => {
      await moveLedgerClock(database.db, noon + hours * HOUR)
      return read([{ total }], undefined, DAY)
    }
    await moveLedgerClock(database.db, noon)
    await open()
    await database.db.query(`update pipi.cloud_accounts set resume = 'next-period' where id = $1`, [world.cloudAccount])
    await deployed('bursts')
    await at(0, 0)
    // A hundred in an hour, and nobody knows of the day since.
    expect(await at(1, 100)).toBe(true)
    expect(await account()).toMatchObject({ switch: 'suspended', tripped: [{ meter: REQUESTS, foreseen: true }] })
    await standStill(database.db, silent, ruleOf)
    await carryOut('suspend')
    expect(await at(24, 400)).toBe(false)
    // Known until it stood still: too much to call it calm, then no more than before.
    expect(await at(26, 850)).toBe(false)
    expect(await account()).toMatchObject({ switch: 'suspended' })
    expect(await at(27, 400)).toBe(true)
    expect(await account()).toMatchObject({ switch: 'open', tripped: [] })
    await moveLedgerClock(database.db, null)
    await world.close()
  })

  it('turned by a person suspends everything that can stand still', async () => {
    await open()
    await deployed('one', 'x:fn:Fn', APPS, 1)
    await deployed('two')
    await setSwitch(database.db, world.cloudAccount, 'suspended', 'holidays', 'tester')
    await standStill(database.db, silent, ruleOf)
    expect((await asked()).sort()).toEqual(['suspend one', 'suspend two'])
    await expect(setSwitch(database.db, 'nobody', 'open', 'x', 'tester')).rejects.toMatchObject({ code: 'not-found' })
    await world.close()
  })
})
