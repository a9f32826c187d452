import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineTruth } from '../../../factory/contract/truth.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { moveLedgerClock } from '../../../platform/store/ledger-clock.ts'
import { cloneEnded } from '../../../platform/store/stock.ts'
import { enginesToWatch, openWatches, requestWatch, waitForWatch } from '../../../platform/store/watches.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

const HOUR = 3_600_000
const KINDS = ['usage', 'survey', 'check'] as const

describe('the watches of a cloud account', () => {
  let database: TestDatabase
  let world: TestTruth
  const open = async () => {
    await database.db.query('delete from pipi.watches')
    world = await openTestTruth(database.db, [
      { meter: 'svc.requests', scope: '', unit: 'request', period: 'month', limit: 100 },
    ])
    return world
  }
  const beats = (truth: EngineTruth, clone: string) =>
    truth.beat({ clone, engine: 'aws', host: 'h', pid: 1, state: 'idle', running: [], capacity: 1 })
  const usage = (total: number) => ({
    ok: true as const,
    kind: 'usage' as const,
    usage: { readings: [{ meter: 'svc.requests', scope: '', total, until: Date.now() }] },
  })
  const journal = async (account: string) => journalAfter(database.db, { account, after: 0 })
  beforeAll(async () => {
    database = await testDatabase()
  })
  afterAll(() => database.drop())

  it('are due at once, the check first, and each is with one clone at a time', async () => {
    const { cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { usage: 5 * 60_000, survey: 24 * HOUR, check: 24 * HOUR })
    const [a, b] = [engine('a'), engine('b')]
    await beats(a, 'a')
    const taken = [await a.takeWatch('a', KINDS), await b.takeWatch('b', KINDS), await a.takeWatch('a', KINDS)]
    expect(taken.map((watch) => watch?.kind)).toEqual(['check', 'usage', 'survey'])
    expect(taken[0]).toMatchObject({
      clone: 'a',
      cloudAccount: { id: cloudAccount, engine: 'aws', plan: 'always-free' },
    })
    expect(await b.takeWatch('b', KINDS)).toBeNull()
    await close()
  })

  it('are not due for an engine that cannot make them, nor to another engine', async () => {
    const { cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { survey: HOUR })
    expect(await engine('a').takeWatch('a', ['usage', 'check'])).toBeNull()
    const other = await openTestTruth(database.db, [], { engine: 'dgo' })
    expect(await other.engine('d').takeWatch('d', KINDS)).toBeNull()
    await other.close()
    await close()
  })

  it('are due again after their time by the ledger’s clock', async () => {
    const { cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { usage: 5 * 60_000 })
    const truth = engine('a')
    const watch = await truth.takeWatch('a', KINDS)
    if (watch === null) throw new Error('no watch was due')
    await truth.reportWatch(watch, usage(1))
    expect(await truth.takeWatch('a', KINDS)).toBeNull()
    await moveLedgerClock(database.db, 4 * 60_000)
    expect(await truth.takeWatch('a', KINDS)).toBeNull()
    await moveLedgerClock(database.db, HOUR)
    expect((await truth.takeWatch('a', KINDS))?.now).toBeGreaterThan(Date.now() + HOUR - 60_000)
    await moveLedgerClock(database.db, null)
    await close()
  })

  it('pass from a clone that is gone to the next one, and its late report is refused', async () => {
    const { cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { usage: HOUR })
    const [a, b] = [engine('a1'), engine('b1')]
    await beats(a, 'a1')
    const watch = await a.takeWatch('a1', KINDS)
    if (watch === null) throw new Error('no watch was due')
    await cloneEnded(database.db, 'a1')
    expect(await b.takeWatch('b1', KINDS)).toMatchObject({ kind: 'usage' })
    await expect(a.reportWatch(watch, usage(1))).rejects.toMatchObject({ code: 'lease.lost' })
    await close()
  })

  it('that fail are told once, pause longer each time, and say when they work again', async () => {
    const { account, cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { usage: HOUR })
    const truth = engine('a')
    for (let failures = 1; failures <= 3; failures++) {
      await moveLedgerClock(database.db, failures * HOUR)
      const watch = await truth.takeWatch('a', KINDS)
      if (watch === null) throw new Error('no watch was due')
      await truth.reportWatch(watch, { ok: false, code: 'provider.failed', message: 'no route' })
      const [row] = await database.db.query<{ pause: number }>(
        'select extract(epoch from due_at - pipi.ledger_now())::float8 as pause from pipi.watches where cloud_account = $1',
        [cloudAccount],
      )
      expect(Math.round(row?.pause ?? 0)).toBe(15 * 2 ** (failures - 1))
    }
    await moveLedgerClock(database.db, 4 * HOUR)
    const watch = await truth.takeWatch('a', KINDS)
    if (watch === null) throw new Error('no watch was due')
    await truth.reportWatch(watch, usage(1))
    await moveLedgerClock(database.db, null)
    const told = (await journal(account)).filter((record) => record.event.startsWith('watch.'))
    expect(told.map((record) => record.event)).toEqual(['watch.failed', 'watch.works'])
    expect(told[0]?.data).toMatchObject({ watch: 'usage', message: 'no route', cloudAccount })
    await close()
  })

  it('that somebody asks for are due now, want a clone, and are waited for with a fresh look', async () => {
    const { cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { usage: HOUR })
    const truth = engine('a')
    const old = await truth.takeWatch('a', KINDS)
    if (old === null) throw new Error('no watch was due')
    const since = await requestWatch(database.db, cloudAccount, 'usage')
    if (since === undefined) throw new Error('there is no such watch')
    expect(await enginesToWatch(database.db)).toEqual(new Set(['aws']))
    await expect(truth.reportWatch(old, usage(1))).rejects.toMatchObject({ code: 'lease.lost' })
    const fresh = await truth.takeWatch('a', KINDS)
    if (fresh === null) throw new Error('no watch was due')
    const waited = waitForWatch(database.db, cloudAccount, 'usage', since)
    await truth.reportWatch(fresh, usage(7))
    expect(await waited).toMatchObject({ readings: [{ meter: 'svc.requests', total: 7 }] })
    expect(await enginesToWatch(database.db)).toEqual(new Set())
    expect(await requestWatch(database.db, cloudAccount, 'survey')).toBeUndefined()
    await close()
  })

  it('give up waiting with the clone’s own words', async () => {
    const { cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { check: HOUR })
    const since = await requestWatch(database.db, cloudAccount, 'check')
    if (since === undefined) throw new Error('there is no such watch')
    const truth = engine('a')
    const watch = await truth.takeWatch('a', KINDS)
    if (watch === null) throw new Error('no watch was due')
    await truth.reportWatch(watch, {
      ok: false,
      code: 'not-allowed',
      message: 'the key is not valid',
      hint: 'make another',
    })
    await expect(waitForWatch(database.db, cloudAccount, 'check', since)).rejects.toMatchObject({
      code: 'not-allowed',
      message: 'the key is not valid',
      hint: 'make another',
    })
    await expect(
      waitForWatch(database.db, cloudAccount, 'check', new Date(), { patienceMs: 50 }),
    ).rejects.toMatchObject({
      code: 'deadline.passed',
    })
    await close()
  })

  it('arm an account that is what it claims, and disarm one that is not, with the reason', async () => {
    const { account, cloudAccount, engine, close } = await open()
    await openWatches(database.db, cloudAccount, { check: HOUR })
    const truth = engine('a')
    const checked = async (check: {
      id?: string
      plan?: string
      findings: { what: string; ok: boolean; why: string; guard?: boolean }[]
    }) => {
      await requestWatch(database.db, cloudAccount, 'check')
      const watch = await truth.takeWatch('a', KINDS)
      if (watch === null) throw new Error('no watch was due')
      await truth.reportWatch(watch, { ok: true, kind: 'check', check })
      const [row] = await database.db.query('select armed, findings from pipi.cloud_accounts where id = $1', [
        cloudAccount,
      ])
      return row
    }
    const wall = { what: 'budget', ok: false, why: 'there is none', guard: true }
    expect(await checked({ id: cloudAccount, plan: 'always-free', findings: [wall] })).toEqual({
      armed: true,
      findings: [wall],
    })
    expect(await checked({ id: 'somebody', findings: [] })).toMatchObject({
      armed: false,
      findings: [{ what: 'account', ok: false, why: expect.stringContaining('"somebody"') }],
    })
    expect(await checked({ id: cloudAccount, plan: 'paid', findings: [] })).toMatchObject({
      armed: false,
      findings: [{ what: 'plan', ok: false, why: 'the platform says "paid", claimed is "always-free"' }],
    })
    expect(await checked({ findings: [{ what: 'billing', ok: false, why: 'closed' }] })).toMatchObject({ armed: false })
    expect(await checked({ findings: [] })).toMatchObject({ armed: true, findings: [] })
    const told = (await journal(account)).map((record) => record.event).filter((event) => event.startsWith('account.'))
    expect(told).toEqual(['account.armed', 'account.mismatch', 'account.armed'])
    await close()
  })
})
