import pg from 'pg'
import { PipiError } from '../catalog/errors.ts'
import type { Engine } from '../engines/contract/engine.ts'
import { scanEngines } from '../engines/scan.ts'
import { runFactory } from '../factory/loop.ts'
import { ensurePulumi } from '../stacks/toolchain/ensure-pulumi.ts'
import { buildApi } from './api/server.ts'
import { cancel } from './commander/cancel.ts'
import type { EngineFacts } from './commander/engine-facts.ts'
import { intake } from './commander/intake.ts'
import { runCommander } from './commander/loop.ts'
import { type Settings, toolEnvironment } from './config.ts'
import { type DataFolder, openData } from './data/open.ts'
import { type Log, openLog } from './log.ts'
import { queueConnection } from './queue/connection.ts'
import { prepareQueues } from './queue/prepare.ts'
import { openPublisher } from './queue/publish.ts'
import { quiet } from './queue/quiet.ts'
import { cloneSpawner, type RunnableEngine } from './start/clones.ts'
import { Closing } from './start/closing.ts'
import { type OpenedAccount, openAccountAt } from './start/cloud-accounts.ts'
import { startCompanions } from './start/companions.ts'
import { openDatabaseServer } from './start/database.ts'
import { eventsOf } from './start/events.ts'
import { figuresFrom } from './start/figures.ts'
import { openLedger } from './start/ledger.ts'
import { openMetrics } from './start/metrics.ts'
import { readiness } from './start/readiness.ts'
import { roomFrom } from './start/room.ts'
import { startSandbox } from './start/sandbox.ts'
import { openAccount } from './store/account.ts'
import { engineAccess } from './store/engine-access.ts'
import { migrate } from './store/migrate.ts'
import { type Database, openStore } from './store/open.ts'
import { cloneEnded } from './store/stock.ts'
import { authenticate, createToken } from './store/token.ts'
import { VERSION } from './version.ts'

export interface RunningPlatform {
  url: string
  /** The data folder. */
  data: string
  /**
   * Ends everything in order: no new requests, clones finish or hand back what they work on, companions, simulated
   * clouds, database. `hasten` leaves the clones no time to finish.
   */
  stop(hasten?: AbortSignal): Promise<void>
}

/** Starts a whole platform. Everything is wired here, and only here. */
export async function serve(settings: Settings): Promise<RunningPlatform> {
  const log = openLog(settings.logLevel, 'platform')
  const closing = new Closing()
  const stop = () => closing.run(log)
  try {
    return await start(settings, log, closing, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  settings: Settings,
  log: Log,
  closing: Closing,
  stop: () => Promise<void>,
): Promise<RunningPlatform> {
  const data = await openData(settings.data)
  closing.add('data folder', () => data.close())
  const [databaseUrl, pulumi, engines] = await Promise.all([
    openDatabaseServer(settings, data, closing, log),
    ensurePulumi({ cacheDir: settings.cache, environment: toolEnvironment(), report: (line) => log('info', line) }),
    enginesFor(settings),
  ])
  const db = openStore(databaseUrl, { connections: 12, name: 'pipi-platform' })
  closing.add('store', () => db.close())
  await migrate(db)

  const owner = await openAccount(db, 'owner')
  await createToken(db, { account: owner.id, role: 'owner', note: 'made at the first start', secret: data.ownerToken })
  const { facts, runnable } = await openEngines(db, engines, owner.id, settings)
  await prepare(databaseUrl, runnable)

  let moved = () => {}
  const open = [...runnable.values()]
  const [sandbox, companionOf] = await Promise.all([
    settings.sandbox
      ? startSandbox({ engines: open, databaseUrl, data, log, onMoved: () => moved() }, closing)
      : undefined,
    startCompanions(
      open.map((one) => one.engine),
      data,
      log,
      closing,
    ),
  ])

  const complain = quiet((message, leftOut) => log('warn', `the queue: ${message}`, { leftOut }))
  const publisher = openPublisher(queueConnection(databaseUrl, settings.redisUrl), (_engine, error) => complain(error))
  closing.add('queue', () => publisher.close())

  const codes = [...runnable.keys()]
  const figures = figuresFrom(db, codes)
  const factory = runFactory({
    spawner: cloneSpawner({
      settings,
      data,
      engines: runnable,
      sandbox,
      companionOf,
      pulumi: { path: pulumi.path, version: pulumi.version },
      log,
      onReady: () => commander.wake(),
    }),
    policy: settings.scaling,
    figures,
    onGone: (clone) => cloneEnded(db, clone),
    everyMs: 500,
    log,
  })
  const hastening = new AbortController()
  closing.add('clones', () => factory.stop(settings.graceMs, hastening.signal))
  const commander = await runCommander({ db, publisher, log })
  closing.add('commander', () => commander.stop())
  moved = () => {
    for (const code of codes) for (const { clone } of factory.stock.of(code)) factory.stock.drain(clone.clone)
  }
  void factory.wake()

  const events = await eventsOf(db)
  closing.add('events', () => events.close())
  const url = await listenHttp(settings, data, closing, async () =>
    buildApi({
      version: VERSION,
      log,
      db,
      metrics: openMetrics(db),
      engines: facts,
      events,
      authenticate: (token) => authenticate(db, token),
      async intake(request) {
        const deployment = await intake({ db, engines: facts, roomOf: (account) => roomFrom(db, account) }, request)
        commander.wake()
        return deployment
      },
      cancel: (account, id, by) => cancel(db, account, id, by),
      waiting: async () => Object.fromEntries((await figures()).map((one) => [one.engine, one.waiting])),
      wanted(engine) {
        const trouble = factory.stock.trouble(engine)
        return {
          wanted: factory.stock.wanted(engine, settings.scaling.min),
          ...(trouble === undefined ? {} : { trouble: trouble.lastWords.join('\n') }),
        }
      },
      sandbox: sandbox && (() => sandbox.admin()),
      ready: readiness(db, {}),
    }),
  )
  log('info', `ready at ${url}`)
  return {
    url,
    data: data.path,
    async stop(hasten) {
      const pass = () => hastening.abort()
      if (hasten?.aborted) pass()
      hasten?.addEventListener('abort', pass, { once: true })
      await stop()
      hasten?.removeEventListener('abort', pass)
    },
  }
}

async function enginesFor(settings: Settings): Promise<Engine[]> {
  const engines = await scanEngines()
  const wanted = settings.engines ?? [...engines.keys()]
  return wanted.map((code) => {
    const engine = engines.get(code)
    if (engine) return engine
    throw new PipiError('input.invalid', `PIPI_ENGINES names "${code}", which is no engine`, {
      hint: `there are ${[...engines.keys()].join(', ')}`,
    })
  })
}

/** Opens each engine's cloud account, limits and database role; one without an account stays closed, and says why. */
async function openEngines(db: Database, engines: Engine[], owner: string, settings: Settings) {
  const runnable = new Map<string, RunnableEngine>()
  const facts: EngineFacts[] = []
  for (const engine of engines) {
    const opened = openAccountAt(engine, settings.sandbox)
    facts.push(factsOf(engine, opened))
    if (!opened.ok) continue
    await openLedger(db, owner, engine, opened.account)
    const access = await engineAccess(db, engine.dna.code)
    runnable.set(engine.dna.code, { engine, access, account: opened.account, credentials: opened.credentials })
  }
  return { facts, runnable }
}

function factsOf(engine: Engine, opened: OpenedAccount): EngineFacts {
  const { code, name, regions } = engine.dna
  return {
    code,
    name,
    regions,
    kinds: Object.keys(engine.programs) as EngineFacts['kinds'],
    noCarrier: engine.noCarrier,
    cloudAccount: opened.ok ? { ok: true, id: opened.account.id, plan: opened.account.plan } : opened,
  }
}

async function prepare(databaseUrl: string, runnable: ReadonlyMap<string, RunnableEngine>): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    await prepareQueues(
      pool,
      [...runnable].map(([code, { access }]) => ({ code, role: access.role })),
    )
  } finally {
    await pool.end()
  }
}

async function listenHttp(
  settings: Settings,
  data: DataFolder,
  closing: Closing,
  build: () => ReturnType<typeof buildApi>,
): Promise<string> {
  const api = await build()
  closing.add('api', () => api.close())
  try {
    await api.listen({ host: settings.host, port: settings.port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new PipiError('conflict.state', `port ${settings.port} of ${settings.host} is in use`, {
      hint: 'stop what uses it, or give another one: --port N (0 takes a free one)',
      cause: error,
    })
  }
  const address = api.server.address()
  const port = address !== null && typeof address === 'object' ? address.port : settings.port
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
  await data.announce(url)
  return url
}
