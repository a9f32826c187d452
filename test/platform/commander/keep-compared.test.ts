import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestSchema } from '../../../engines/contract/manifest.ts'
import type { EngineTruth } from '../../../factory/contract/truth.ts'
import { chosen, keepCompared } from '../../../platform/commander/keep-compared.ts'
import type { ToCompare } from '../../../platform/store/comparable.ts'
import { moveLedgerClock } from '../../../platform/store/ledger-clock.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('what is compared next', () => {
  const one = (id: string, over: Partial<ToCompare> = {}): ToCompare => ({
    ...{ id, account: 'a', name: id, engine: 'aws', region: 'r', cloudAccount: 'c', every: '1d' },
    ...{ sinceMs: DAY + HOUR, busy: false, underWay: 0, servedMs: HOUR, ...over },
  })
  const ids = (all: ToCompare[]) => chosen(all).map(({ id }) => id)

  it('is one at a time for each engine, the longest due first', () => {
    expect(ids([one('a'), one('b', { sinceMs: 3 * DAY }), one('c', { engine: 'ggc' })]).sort()).toEqual(['b', 'c'])
    expect(ids([one('a', { underWay: 1 })])).toEqual([])
  })

  it('is nothing that is not due, and nothing while a deployment waits', () => {
    expect(ids([one('a', { sinceMs: DAY - 1 }), one('b', { busy: true })])).toEqual([])
  })

  it('is of the account that was served longest ago', () => {
    expect(ids([one('a', { sinceMs: 9 * DAY }), one('b', { account: 'other', servedMs: 2 * HOUR })])).toEqual(['b'])
  })
})

describe('upkeep.refresh', () => {
  let database: TestDatabase
  let world: TestTruth
  let truth: EngineTruth
  beforeAll(async () => {
    database = await testDatabase()
    world = await openTestTruth(database.db, [])
    truth = world.engine('a')
  })
  afterAll(async () => {
    await world.close()
    await database.drop()
  })
  const settled = { status: 'succeeded' as const, resources: [{ urn: 'u', type: 't', id: 'i', amounts: [] }] }
  async function deployed(name: string, upkeep: object): Promise<void> {
    const manifest = manifestSchema.parse({
      ...{ apiVersion: 'pipi/v1', name, components: [{ name: 'site', kind: 'site' }], upkeep },
    })
    const order = await world.taken(truth, { workspaceName: name, manifest })
    for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
    await truth.settle(order, settled)
  }
  const asked = async () =>
    (
      await database.db.query<{ name: string }>(
        `select w.name || ' ' || d.status as name from pipi.deployments d join pipi.workspaces w on w.id = d.workspace where d.kind = 'refresh' order by d.id`,
      )
    ).map(({ name }) => name)
  const look = () => keepCompared(database.db, () => undefined)

  it('compares a workspace by itself once its time is over, at most once, whoever looks', async () => {
    await deployed('daily', { refresh: '1d' })
    await deployed('never', {})
    await look()
    expect(await asked()).toEqual([])
    await moveLedgerClock(database.db, DAY + HOUR)
    await Promise.all([look(), look(), look()])
    expect(await asked()).toEqual(['daily accepted'])
    // What it finds is its engine's affair; the next time counts from here, also after a failure.
    await database.db.query(`update pipi.deployments set status = 'failed' where finished_at is null`)
    await look()
    expect(await asked()).toEqual(['daily failed'])
    await moveLedgerClock(database.db, 2 * DAY + 2 * HOUR)
    const waiting = await world.assigned({ workspaceName: 'other' })
    await database.db.query(`update pipi.deployments set status = 'accepted' where id = $1`, [waiting.id])
    await look()
    expect(await asked()).toEqual(['daily failed'])
    await database.db.query(`update pipi.deployments set status = 'cancelled' where id = $1`, [waiting.id])
    await look()
    expect(await asked()).toEqual(['daily failed', 'daily accepted'])
    await moveLedgerClock(database.db, null)
  })
})
