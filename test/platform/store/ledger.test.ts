import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineTruth, Order } from '../../../factory/contract/truth.ts'
import { openCloudAccount } from '../../../platform/store/cloud-account.ts'
import { observe } from '../../../platform/store/observe.ts'
import { quota } from '../../../platform/store/quota.ts'
import { seedMeters } from '../../../platform/store/seed-meters.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth } from '../../helpers/truth.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase({ connections: 20 })
})
afterAll(() => database.drop())

const METERS = ['m.a', 'm.b', 'm.c'] as const
const line = (urn: string, amounts: Partial<Record<(typeof METERS)[number], number>>) => ({
  urn,
  type: 't',
  amounts: Object.entries(amounts).map(([meter, amount]) => ({
    meter,
    scope: '',
    amount,
    bound: 'proven' as const,
    because: 'test',
  })),
})

describe('the ledger', () => {
  it('two reservations racing for the last free unit, a thousand times: exactly one wins, and the other hears who holds it', async () => {
    const rounds = Array.from({ length: 1_000 }, (_, n) => `r.${n}`)
    const world = await openTestTruth(
      database.db,
      rounds.map((meter) => ({ meter, scope: '', unit: 'u', period: 'concurrent', limit: 1 })),
    )
    const racers = await Promise.all(
      ['left', 'right'].map(async (workspaceName) => {
        const truth = world.engine(workspaceName)
        return { name: workspaceName, truth, order: await world.taken(truth, { workspaceName }) }
      }),
    )
    const wins = { left: 0, right: 0 }
    for (const meter of rounds) {
      const asked = {
        urn: `urn:x::${meter}`,
        type: 't',
        amounts: [{ meter, scope: '', amount: 1, bound: 'proven' as const, because: '' }],
      }
      const answers = await Promise.all(racers.map(({ truth, order }) => truth.reserve(order, [asked])))
      const won = answers.findIndex((answer) => answer.ok)
      const lost = answers[1 - won]
      const holders = [{ workspace: racers[won]?.name, resource: meter, amount: 1 }]
      expect(lost).toMatchObject({ ok: false, refusal: { code: 'lock.over-limit', limit: 1, held: 1, holders } })
      wins[racers[won]?.name as 'left' | 'right'] += 1
    }
    expect(wins.left + wins.right).toBe(rounds.length)
    const held = await database.db.query(
      'select sum(held)::int as held, max(held)::int as most from pipi.meters where cloud_account = $1',
      [world.cloudAccount],
    )
    expect(held).toEqual([{ held: rounds.length, most: 1 }])
    await world.close()
  })

  it('locks in one order: reservations of the same meters the other way round never fail for it', async () => {
    const world = await openTestTruth(
      database.db,
      METERS.map((meter) => ({ meter, scope: '', unit: 'u', period: 'concurrent', limit: 1e6 })),
    )
    const truth = world.engine('a')
    const orders = await Promise.all(Array.from({ length: 8 }, () => world.taken(truth)))
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        orders.map((order, n) =>
          truth.reserve(
            order,
            (n % 2 ? [...METERS] : [...METERS].reverse()).map((meter) => line(`${meter}-${round}`, { [meter]: 1 })),
          ),
        ),
      )
      expect(answers.every((answer) => answer.ok)).toBe(true)
    }
    expect(
      await database.db.query('select deadlocks from pg_stat_database where datname = current_database()'),
    ).toEqual([{ deadlocks: 0 }])
    await world.close()
  })

  it('refuses by the constraint itself, whatever the arithmetic said', async () => {
    const world = await openTestTruth(database.db, [
      { meter: 'm.a', scope: '', unit: 'u', period: 'concurrent', limit: 5 },
    ])
    const truth = world.engine('a')
    const order = await world.taken(truth)
    // The stated limit alone is raised behind the ledger's back: the CHECK still stands at 5.
    await database.db.query('update pipi.meters set stated_limit = 100 where cloud_account = $1', [world.cloudAccount])
    expect(await truth.reserve(order, [line('x', { 'm.a': 6 })])).toMatchObject({
      ok: false,
      refusal: { code: 'lock.over-limit' },
    })
    expect(
      await database.db.query('select held from pipi.meters where cloud_account = $1', [world.cloudAccount]),
    ).toEqual([{ held: 0 }])
    expect(await database.db.query('select from pipi.holdings where workspace = $1', [order.workspace.id])).toEqual([])
    await expect(
      database.db.query('update pipi.meters set held = 6 where cloud_account = $1', [world.cloudAccount]),
    ).rejects.toThrow(/never_over_the_limit/)
    await expect(
      database.db.query('update pipi.meters set held = -1 where cloud_account = $1', [world.cloudAccount]),
    ).rejects.toThrow(/never_negative/)
    await world.close()
  })

  it('takes a lowered limit at once: nothing more is reserved, what is held stays, and it sinks with every release', async () => {
    const world = await openTestTruth(database.db, [
      { meter: 'm.a', scope: '', unit: 'u', period: 'concurrent', limit: 5 },
    ])
    const truth = world.engine('a')
    const order = await world.taken(truth)
    await truth.reserve(order, [line('x', { 'm.a': 4 })])
    await seedMeters(database.db, world.cloudAccount, [
      { meter: 'm.a', scope: '', unit: 'u', period: 'concurrent', limit: 2 },
    ])
    expect(await quota(database.db, world.account)).toMatchObject([{ limit: 2, held: 4, left: 0, over: true }])
    expect(await truth.reserve(await world.taken(truth), [line('y', { 'm.a': 1 })])).toMatchObject({ ok: false })
    await truth.settle(order, { status: 'failed', resources: [] })
    expect(
      await database.db.query('select held, limit_amount from pipi.meters where cloud_account = $1', [
        world.cloudAccount,
      ]),
    ).toEqual([{ held: 0, limit_amount: 2 }])
    await seedMeters(database.db, world.cloudAccount, [])
    expect(await quota(database.db, world.account)).toMatchObject([{ limit: 0, left: 0 }])
    await world.close()
  })

  it('counts what was read at the platform beside what we hold', async () => {
    const world = await openTestTruth(database.db, [{ meter: 'm.a', scope: '', unit: 'u', period: 'month', limit: 5 }])
    const truth = world.engine('a')
    await observe(database.db, world.cloudAccount, [{ meter: 'm.a', scope: '', total: 5, until: Date.now() }])
    expect(await truth.reserve(await world.taken(truth), [line('y', { 'm.a': 1 })])).toMatchObject({
      ok: false,
      refusal: { held: 5 },
    })
    // The month is over: what was used or observed in it counts no more, what is held carries over.
    await database.db.query(`update pipi.meters set period_key = '2001-01' where cloud_account = $1`, [
      world.cloudAccount,
    ])
    expect(await quota(database.db, world.account)).toMatchObject([{ observed: 0, left: 5 }])
    expect(await truth.reserve(await world.taken(truth), [line('y', { 'm.a': 1 })])).toEqual({ ok: true })
    await world.close()
  })

  it('is shared by the accounts that share a cloud account', async () => {
    const world = await openTestTruth(database.db, [
      { meter: 'm.a', scope: '', unit: 'u', period: 'concurrent', limit: 1 },
    ])
    const other = await openTestTruth(database.db, [])
    await openCloudAccount(database.db, other.account, {
      id: world.cloudAccount,
      engine: 'aws',
      plan: 'always-free',
      consentWatched: false,
    })
    const truth = world.engine('a')
    expect(await truth.reserve(await world.taken(truth), [line('x', { 'm.a': 1 })])).toEqual({ ok: true })
    expect(
      await truth.reserve(await other.taken(truth, { cloudAccount: world.cloudAccount }), [line('x', { 'm.a': 1 })]),
    ).toMatchObject({ ok: false })
    await other.close()
    await world.close()
  })

  it('never holds more than the limit, and always exactly what its entries say, whatever many clients do at once', async () => {
    const step = fc.record({
      clone: fc.nat({ max: 5 }),
      act: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('reserve' as const),
            urn: fc.nat({ max: 3 }),
            amounts: fc.dictionary(fc.constantFrom(...METERS), fc.integer({ min: 0, max: 6 })),
          }),
        },
        {
          weight: 2,
          arbitrary: fc.record({
            do: fc.constant('settle' as const),
            keep: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
            grow: fc.nat({ max: 2 }),
          }),
        },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('unknown' as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('stale' as const) }) },
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 120 }), async (steps) => {
        const world = await openTestTruth(
          database.db,
          METERS.map((meter, n) => ({ meter, scope: '', unit: 'u', period: 'concurrent', limit: 10 + n })),
        )
        const engines = await Promise.all(
          Array.from({ length: 6 }, async (_, n) => new Client(world.engine(`c${n}`), `w-${n}x`, world.taken)),
        )
        let watching = true
        const breaches: unknown[] = []
        const watch = (async () => {
          while (watching) breaches.push(...(await breachesOf(world.cloudAccount)))
        })()
        await Promise.all(
          engines.map((client, n) => client.run(steps.filter((one) => one.clone === n).map((one) => one.act))),
        )
        watching = false
        await watch
        expect(breaches).toEqual([])
        for (const client of engines) await client.clear()
        expect(await quota(database.db, world.account)).toMatchObject(
          METERS.map((meter) => ({ meter, held: 0, used: 0 })),
        )
        await world.close()
      }),
      { numRuns: 12 },
    )
  })
})

type Act =
  | { do: 'reserve'; urn: number; amounts: Record<string, number> }
  | { do: 'settle'; keep: number[]; grow: number }
  | { do: 'unknown' | 'crash' | 'stale' }

/** A clone with a workspace of its own, doing what it is told one after another. */
class Client {
  readonly truth: EngineTruth
  readonly workspace: string
  readonly take: (engine: EngineTruth, over: { workspaceName: string }) => Promise<Order>
  order: Order | undefined
  stale: Order | undefined
  asked = new Map<string, Record<string, number>>()

  constructor(truth: EngineTruth, workspace: string, take: Client['take']) {
    this.truth = truth
    this.workspace = workspace
    this.take = take
  }

  async run(acts: Act[]): Promise<void> {
    for (const act of acts) {
      this.order ??= await this.take(this.truth, { workspaceName: this.workspace })
      if (act.do === 'reserve') {
        const answer = await this.truth.reserve(this.order, [line(`u${act.urn}`, act.amounts)])
        if (answer.ok) this.asked.set(`u${act.urn}`, act.amounts)
      } else if (act.do === 'stale') {
        if (this.stale)
          await expect(this.truth.reserve(this.stale, [line('stale', { 'm.a': 1 })])).rejects.toMatchObject({
            code: 'lease.lost',
          })
      } else {
        await this.end(act)
      }
    }
  }

  async end(act: Exclude<Act, { do: 'reserve' }>): Promise<void> {
    if (!this.order) return
    const resources =
      act.do === 'settle'
        ? [...new Set(act.keep)].flatMap((n) => {
            const amounts = this.asked.get(`u${n}`)
            return amounts ? [{ ...line(`u${n}`, amounts), id: `id${n}` }] : []
          })
        : null
    if (act.do === 'crash') await this.truth.handBack(this.order, 'crash')
    else await this.truth.settle(this.order, { status: 'failed', resources })
    if (act.do === 'settle')
      this.asked = new Map(
        resources?.map((one) => [one.urn, Object.fromEntries(one.amounts.map((a) => [a.meter, a.amount]))]),
      )
    if (act.do === 'crash') await this.retake(this.order.deployment)
    else this.finish()
  }

  async retake(deployment: string): Promise<void> {
    this.stale = this.order
    const order = await this.truth.take(deployment)
    if (!order) throw new Error('a deployment handed back was not taken again')
    this.order = order
  }

  finish(): void {
    this.stale = this.order
    this.order = undefined
  }

  async clear(): Promise<void> {
    this.order ??= await this.take(this.truth, { workspaceName: this.workspace })
    await this.truth.settle(this.order, { status: 'failed', resources: [] })
  }
}

/** Meters that hold too much, or other than the sum of their entries; asked in one statement, so of one moment. */
async function breachesOf(cloudAccount: string): Promise<unknown[]> {
  return database.db.query(
    `select m.meter, m.held, m.limit_amount, coalesce(sum(h.amount), 0) as entries from pipi.meters m
     left join pipi.holdings h on h.cloud_account = m.cloud_account and h.meter = m.meter and h.scope = m.scope and h.state <> 'released'
     where m.cloud_account = $1 group by m.meter, m.held, m.limit_amount, m.stated_limit, m.used
     having m.held <> coalesce(sum(h.amount), 0) or m.held + m.used > m.stated_limit`,
    [cloudAccount],
  )
}
