import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { migrate } from '../../../../platform/store/migrate.ts'
import { type Database, openStore } from '../../../../platform/store/open.ts'
import { startServer } from '../../../../platform/store/server/start.ts'
import { cacheFolder } from '../../../../stacks/toolchain/cache-folder.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { breaches, clear, drive, moveClock, openModel, operations, passTime } from './model.ts'

const CLIENTS = 64
/** A small one each time; PIPI_TEST_LEDGER_OPERATIONS=200000 is the whole one, minutes long. */
const OPERATIONS = Number(process.env.PIPI_TEST_LEDGER_OPERATIONS ?? 8_000)
const SEED = Number(process.env.PIPI_TEST_LEDGER_SEED ?? Date.now() % 1_000_000)

it(
  `64 clients, ${OPERATIONS} operations, periods that pass, connections and the server killed (seed ${SEED}): never more than the limit, nothing leaks`,
  async () => {
    const server = await startServer({ data: await tempFolder(), cache: cacheFolder(process.env), durable: false })
    const db = openStore(server.url, { connections: 4 })
    try {
      await migrate(db)
      // What is committed outlives a kill, as on any durable server; only the disk is not waited for.
      await db.query(`alter database ${new URL(server.url).pathname.slice(1)} set synchronous_commit = on`)
      const model = await openModel(db, CLIENTS, { clouds: 8 })
      const lists = operations(SEED, CLIENTS, Math.ceil(OPERATIONS / CLIENTS))
      let over = false
      const beside = [
        passTime(db, 20, SEED, () => over),
        cutConnections(db, SEED, () => over),
        killServer(db, OPERATIONS / 2, () => over),
      ]
      await Promise.all(lists.map((list, client) => drive(model, client, list)))
      over = true
      const [, , kills] = await Promise.all(beside)
      expect(kills).toBe(1)

      await db.query('select audit.check()')
      expect(await breaches(db)).toEqual([])
      expect(await db.query('select n, done from audit.client where done <> $1', [lists[0]?.length])).toEqual([])
      const [sum] = await db.query<{ granted: number; refused: number }>(
        'select sum(granted)::int as granted, sum(refused)::int as refused from audit.client',
      )
      // It was worth its while: much was granted, and much had to be refused.
      expect(Math.min(sum?.granted ?? 0, sum?.refused ?? 0)).toBeGreaterThan(OPERATIONS / 50)

      await clear(model, CLIENTS)
      await db.query('select audit.check()')
      expect(await breaches(db)).toEqual([])
      const left = await db.query(
        `select meter from pipi.meters where held <> 0 or standing <> 0 union all select urn from pipi.holdings where state <> 'released'`,
      )
      expect(left).toEqual([])
    } finally {
      await db.close()
      await server.stop()
    }
    // A slow machine does a hundred of them in a second.
  },
  Math.max(120_000, OPERATIONS * 10),
)

it('the same seed gives the same operations', () => {
  expect(operations(5, 3, 10)).toEqual(operations(5, 3, 10))
  expect(operations(5, 3, 10)).not.toEqual(operations(6, 3, 10))
})

it('a quarter in which nobody does anything passes in one step', async () => {
  const server = await startServer({ data: await tempFolder(), cache: cacheFolder(process.env), durable: false })
  const db = openStore(server.url, { connections: 2 })
  try {
    await migrate(db)
    const model = await openModel(db, 1)
    await drive(model, 0, operations(3, 1, 200)[0] ?? [])
    await moveClock(db, 92 * 24)
    await clear(model, 1)
    await db.query('select audit.check()')
    expect(await breaches(db)).toEqual([])
  } finally {
    await db.close()
    await server.stop()
  }
})

/** Ends some of the clients' connections, in the middle of whatever they do. */
async function cutConnections(db: Database, seed: number, stop: () => boolean): Promise<void> {
  const shares = fc.sample(fc.double({ min: 0, max: 0.3, noNaN: true }), { seed, numRuns: 200 })
  for (let n = 0; !stop(); n += 1) {
    await db
      .query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ledger-model' and random() < $1`,
        [shares[n % shares.length]],
      )
      .catch(() => {})
    await pause(250)
  }
}

/** Kill -9 of the whole server, once, when so many operations are done; it comes back by itself. Gives how often it did. */
async function killServer(db: Database, at: number, stop: () => boolean): Promise<number> {
  const done = async () =>
    (await db.query<{ n: number }>('select coalesce(sum(done), 0)::int as n from audit.client'))[0]?.n ?? 0
  await waitFor('half of it to be done', async () => stop() || (await done()) >= at, {
    timeoutMs: 600_000,
    everyMs: 100,
  })
  if (stop()) return 0
  const [before] = await db.query<{ started: Date }>('select pg_postmaster_start_time() as started')
  const [folder] = await db.query<{ pid: number }>(
    `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`,
  )
  process.kill(folder?.pid ?? Number.NaN, 'SIGKILL')
  await waitFor(
    'the server to be back',
    async () => {
      const [now] = await db.query<{ started: Date }>('select pg_postmaster_start_time() as started')
      return now !== undefined && now.started.getTime() !== before?.started.getTime()
    },
    { timeoutMs: 120_000 },
  )
  return 1
}
