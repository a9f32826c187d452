import { spawn } from 'node:child_process'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { QueueConnection } from '../../../platform/queue/connection.ts'
import { openJobSource } from '../../../platform/queue/consume.ts'
import { prepareQueues } from '../../../platform/queue/prepare.ts'
import { openPublisher, type Publisher } from '../../../platform/queue/publish.ts'
import { engineAccess } from '../../../platform/store/engine-access.ts'
import { freePort } from '../../helpers/free-port.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { redisProgram } from '../../helpers/redis.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'

interface Backend {
  /** The commander's end. */
  platform: QueueConnection
  /** An engine's end: in PostgreSQL its own role. */
  engine(code: string): QueueConnection
  stop(): Promise<void>
}

const redis = await redisProgram()

describe('the queue in PostgreSQL', () => conforms(inPostgres))

// Skipped where no Redis or Valkey can be had: it is an option, and nothing else here needs it.
describe.skipIf('missing' in redis)('the queue in Redis', () => conforms(inRedis))

describe('a publisher that was opened while its database was away', () => {
  it('works once that is there', async () => {
    const { url, db, drop } = await testDatabase()
    onTestFinished(drop)
    const publisher = openPublisher({ kind: 'postgres', url }, () => undefined)
    onTestFinished(() => publisher.close())
    // Its tables are not there yet: to the queue that is the same.
    await expect(publisher.add('abc', 'd1', 1)).rejects.toThrow()
    await prepare(url, [{ code: 'abc', role: (await engineAccess(db, 'abc')).role }])
    await publisher.add('abc', 'd1', 1)
    expect(await publisher.depth('abc')).toBe(1)
  })
})

describe.skipIf('missing' in redis)('when Redis is away', () => {
  it('says so within seconds instead of waiting for ever', async () => {
    const backend = await inRedis()
    const publisher = openPublisher(backend.platform, () => undefined)
    onTestFinished(() => publisher.close())
    await publisher.add('abc', 'd1', 1)
    await backend.stop()
    await expect(publisher.add('abc', 'd2', 1)).rejects.toThrow()
  })
})

function conforms(open: () => Promise<Backend>) {
  let backend: Backend
  let publisher: Publisher
  beforeAll(async () => {
    backend = await open()
    publisher = openPublisher(backend.platform, () => undefined)
  })
  afterAll(async () => {
    await publisher?.close()
    await backend?.stop()
  })

  /** A clone that notes what it works on; `work` may hold or refuse. */
  async function clone(
    engine: string,
    name: string,
    work: (id: string) => Promise<void> = async () => undefined,
    concurrency = 1,
  ) {
    const seen: string[] = []
    const source = openJobSource(backend.engine(engine), engine, name, () => undefined)
    const running = await source.start(async (id) => {
      seen.push(id)
      await work(id)
    }, concurrency)
    onTestFinished(() => running.close())
    return { seen, ...running }
  }

  it('brings each id once, in the order in which they came', async () => {
    const one = await clone('abc', 'abc-order')
    for (const id of ['d1', 'd2', 'd3', 'd4']) await publisher.add('abc', id, 1)
    await waitFor('all four', () => one.seen.length === 4)
    expect(one.seen).toEqual(['d1', 'd2', 'd3', 'd4'])
    await waitFor('nothing to be left', async () => (await publisher.depth('abc')) === 0)
  })

  it('adds the same attempt once, and another attempt again', async () => {
    await publisher.add('abc', 'd5', 1)
    await publisher.add('abc', 'd5', 1)
    expect(await publisher.depth('abc')).toBe(1)
    expect(await publisher.has('abc', 'd5', 1)).toBe(true)
    expect(await publisher.has('abc', 'd5', 2)).toBe(false)
    const one = await clone('abc', 'abc-same')
    await waitFor('it to be worked on', () => one.seen.length === 1)
    await publisher.add('abc', 'd5', 2)
    await waitFor('the second attempt', () => one.seen.length === 2)
  })

  it('brings an id to its engine and to no other', async () => {
    const [abc, xyz] = [await clone('abc', 'abc-mine'), await clone('xyz', 'xyz-mine')]
    await publisher.add('xyz', 'd6', 1)
    await publisher.add('abc', 'd7', 1)
    await waitFor('both', () => abc.seen.length + xyz.seen.length === 2)
    expect([abc.seen, xyz.seen]).toEqual([['d7'], ['d6']])
  })

  it('gives a clone no more at once than it can carry', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const one = await clone('abc', 'abc-two', () => gate, 2)
    for (const id of ['d8', 'd9', 'd10']) await publisher.add('abc', id, 1)
    await waitFor('two to begin', () => one.seen.length === 2)
    expect(await publisher.depth('abc')).toBe(3)
    open()
    await waitFor('the third', () => one.seen.length === 3)
  })

  it('drains: takes nothing new, finishes what runs, and what waits goes to another', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const leaving = await clone('abc', 'abc-leaving', () => gate)
    await publisher.add('abc', 'd11', 1)
    await waitFor('it to begin', () => leaving.seen.length === 1)
    let drained = false
    const draining = leaving.drain().then(() => {
      drained = true
    })
    await publisher.add('abc', 'd12', 1)
    expect(drained).toBe(false)
    open()
    await draining
    expect(leaving.seen).toEqual(['d11'])
    const next = await clone('abc', 'abc-next')
    await waitFor('another to take it', () => next.seen.length === 1)
    expect(next.seen).toEqual(['d12'])
  })

  it('drains a clone that has nothing to do, at once', async () => {
    const idle = await clone('xyz', 'xyz-idle')
    await idle.drain()
    await idle.close()
  })

  it('brings again what a clone threw back', async () => {
    let thrown = 0
    const one = await clone('abc', 'abc-throws', async () => {
      if (thrown++ === 0) throw new Error('not today')
    })
    await publisher.add('abc', 'd13', 1)
    await waitFor('it to come again', () => one.seen.length === 2)
  })
}

async function inPostgres(): Promise<Backend> {
  const database: TestDatabase = await testDatabase()
  const access = new Map(
    await Promise.all(['abc', 'xyz'].map(async (code) => [code, await engineAccess(database.db, code)] as const)),
  )
  await prepare(
    database.url,
    [...access].map(([code, { role }]) => ({ code, role })),
  )
  return {
    platform: { kind: 'postgres', url: database.url },
    engine: (code) => ({ kind: 'postgres', url: access.get(code)?.url ?? '' }),
    stop: () => database.drop(),
  }
}

async function inRedis(): Promise<Backend> {
  const port = await freePort()
  if ('missing' in redis) throw new Error(redis.missing)
  const server = spawn(
    redis.program,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', await tempFolder()],
    { stdio: 'ignore', env: { ...process.env, ...redis.environment } },
  )
  const at: QueueConnection = { kind: 'redis', url: `redis://127.0.0.1:${port}` }
  return {
    platform: at,
    engine: () => at,
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill()
      await gone
    },
  }
}

async function prepare(url: string, engines: { code: string; role: string }[]): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  // Its connection may still be closing when the database is dropped.
  pool.on('error', () => undefined)
  await prepareQueues(pool, engines)
  await pool.end()
}
