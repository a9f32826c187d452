import type { EngineTruth, Order, Settlement } from '../../../../factory/contract/truth.ts'
import { quota } from '../../../../platform/store/quota.ts'
import { type TestDatabase, testDatabase } from '../../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../../helpers/truth.ts'

/** The meter of most tests. */
export const APPS = 'svc.apps'

export const urn = (name: string) => `urn:pulumi:w::pipi::aws:s3/bucket:Bucket::${name}`

/** A line of a reservation. */
export const app = (name: string, amount = 1, meter = APPS) => ({
  urn: urn(name),
  type: 'aws:s3/bucket:Bucket',
  amounts: [{ meter, scope: '', amount, bound: 'proven' as const, because: `${amount}` }],
})

/** The same, existing. */
export const settled = (name: string, amount = 1) => ({ ...app(name, amount), id: `id-${name}` })

/** Along the legal way to `applying`, then settled. */
export async function succeed(truth: EngineTruth, order: Order, settlement: Settlement): Promise<void> {
  for (const status of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, status)
  await truth.settle(order, settlement)
}

export interface Stage {
  database: TestDatabase
  /** An account of its own with all meters; `limit` is that of `APPS`. */
  open(limit?: number): Promise<TestTruth>
  /** How much of a meter the account opened last holds. */
  held(meter?: string): Promise<number | undefined>
}

/** One database for the tests of a file. */
export async function openStage(): Promise<Stage> {
  const database = await testDatabase()
  let world: TestTruth | undefined
  return {
    database,
    open: async (limit = 3) => {
      world = await openTestTruth(database.db, [
        { meter: APPS, scope: '', unit: 'app', period: 'concurrent', limit },
        { meter: 'svc.requests', scope: '', unit: 'request', period: 'month', limit: 1000, bound: 'watched' },
        { meter: 'svc.ever', scope: '', unit: 'build', period: 'lifetime', limit: 2 },
        { meter: 'svc.disk', scope: '*', unit: 'GB', period: 'concurrent', limit: 10 },
      ])
      return world
    },
    held: async (meter = APPS) =>
      (await quota(database.db, world?.account ?? '')).find((one) => one.meter === meter)?.held,
  }
}
