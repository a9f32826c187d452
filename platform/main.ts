import { PipiError } from '../catalog/errors.ts'
import { runFactory } from '../factory/loop.ts'
import { ensurePulumi } from '../stacks/toolchain/ensure-pulumi.ts'
import { adopt } from './commander/adopt.ts'
import { withAlternatives } from './commander/alternatives.ts'
import { cancel } from './commander/cancel.ts'
import { hostsDns } from './commander/dns-answers.ts'
import { intake } from './commander/intake.ts'
import { type House, keepHouse } from './commander/keep-house.ts'
import { runCommander } from './commander/loop.ts'
import { reconcileLedger } from './commander/reconcile-ledger.ts'
import { repeat } from './commander/repeat.ts'
import { secure } from './commander/secure.ts'
import { openWishes } from './commander/wishes.ts'
import { type Settings, toolEnvironment } from './config.ts'
import { openData } from './data/open.ts'
import { type Log, openLog } from './log.ts'
import { queueConnection } from './queue/connection.ts'
import { openPublisher } from './queue/publish.ts'
import { quiet } from './queue/quiet.ts'
import { openAccess } from './start/access/open.ts'
import { accountKeeper } from './start/account-keeper.ts'
import { cloneSpawner } from './start/clones.ts'
import { Closing } from './start/closing.ts'
import { startCompanions } from './start/companions.ts'
import { credentialKeeper } from './start/credential-keeper.ts'
import { openDatabaseServer } from './start/database.ts'
import { enginesFor, openEngines } from './start/engines.ts'
import { eventsOf } from './start/events.ts'
import { figuresFrom } from './start/figures.ts'
import { healthDefaults, startHealth } from './start/health.ts'
import { listenHttp } from './start/http.ts'
import { machineRooms } from './start/machine-room.ts'
import { withMachines } from './start/machines.ts'
import { metersOfPlan } from './start/meters-of-plan.ts'
import { openMetrics } from './start/metrics.ts'
import { policiesOf } from './start/policies.ts'
import { prepareQueuesOf } from './start/queues.ts'
import { readiness } from './start/readiness.ts'
import { roomFrom } from './start/room.ts'
import { startSandbox } from './start/sandbox.ts'
import { sealerOf } from './start/seal.ts'
import { openWatchesAt, openWatchesOf, readerDelays } from './start/watches.ts'
import { removeOldWorkFolders } from './start/work-folders.ts'
import { openAccount } from './store/account.ts'
import { checkKey } from './store/check-key.ts'
import { moveLedgerClock } from './store/ledger-clock.ts'
import { migrate } from './store/migrate.ts'
import { openStore } from './store/open.ts'
import { setSecret } from './store/set-secret.ts'
import { cloneEnded, listClones, markGone } from './store/stock.ts'
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

/** How often watches are given what lies in files of credentials now, milliseconds; deployments read them themselves. */
const LOOK_ANEW_MS = 15_000

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
  const data = await openData(settings.data, settings.masterKey)
  closing.add('data folder', () => data.close())
  const beginning = [
    openDatabaseServer(settings, data, closing, log),
    ensurePulumi({ cacheDir: settings.cache, environment: toolEnvironment(), report: (line) => log('info', line) }),
    enginesFor(settings).then((found) => withMachines(found, settings)),
  ] as const
  // Where one of them fails, the others have begun all the same: what is not open yet could not be closed.
  await Promise.allSettled(beginning)
  const [databaseUrl, pulumi, engines] = await Promise.all(beginning)
  const db = openStore(databaseUrl, { connections: 12, name: 'pipi-platform' })
  closing.add('store', () => db.close())
  await migrate(db)
  const before = (await listClones(db)).map((one) => one.clone)
  // Our own server served no other platform: clones that it knows are of a former life, and end by themselves.
  if (settings.databaseUrl === undefined) await markGone(db, 0)
  await Promise.all([checkKey(db, data.masterKey), removeOldWorkFolders(data, before)])

  if (!settings.sandbox) await moveLedgerClock(db, null)
  const owner = await openAccount(db, 'owner')
  await createToken(db, { account: owner.id, role: 'owner', note: 'made at the first start', secret: data.ownerToken })
  const { facts, runnable } = await openEngines(db, engines, owner.id, settings)
  await Promise.all([prepareQueuesOf(databaseUrl, runnable), openWatchesOf(db, runnable, settings.watchEvery)])

  let moved = () => {}
  const open = [...runnable.values()]
  const [sandbox, companionsOf] = await Promise.all([
    settings.sandbox
      ? startSandbox(
          {
            engines: open.flatMap(({ engine, account }) => (account === undefined ? [] : [{ engine, account }])),
            databaseUrl,
            data,
            log,
            onMoved: () => moved(),
            onClock: (offsetMs) => moveLedgerClock(db, offsetMs),
          },
          closing,
        )
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
  const opened = new Map(open.map(({ engine }) => [engine.dna.code, engine]))
  const access = openAccess({
    ...{ db, log, facts, masterKey: data.masterKey, owner: owner.id, sandbox: settings.sandbox },
    engines: opened,
    catalogFolder: settings.catalogFolder,
    folder: settings.credentials,
    shared: settings.shareCredentials,
    watch: (engine, cloudAccount) => openWatchesAt(db, engine, cloudAccount, settings.watchEvery),
  })
  const look = () => access.refresh()
  // Whatever is wrong with somebody's credentials, the others' platform starts: it is looked at again before long.
  await look().catch((error: unknown) =>
    log('error', `could not look at credentials: ${PipiError.from(error).message}`),
  )
  const figures = figuresFrom(db, codes)
  const policy = policiesOf(settings.scaling, facts)
  const factory = runFactory({
    spawner: cloneSpawner({
      settings,
      data,
      engines: runnable,
      sandbox,
      companionsOf,
      pulumi: { path: pulumi.path, version: pulumi.version },
      log,
      onReady: () => commander.wake(),
    }),
    policyFor: policy,
    figures,
    onGone: (clone) => cloneEnded(db, clone),
    everyMs: 500,
    log,
  })
  const hastening = new AbortController()
  closing.add('clones', () => factory.stop(settings.graceMs, hastening.signal))
  const house = { db, log, engines: opened, delayOf: readerDelays(opened) }
  const more: House['more'] = [['let accounts in', () => access.admit()]]
  const commander = await runCommander({
    db,
    publisher,
    log,
    seal: sealerOf(db, data.masterKey, log, access),
    keepHouse: () => keepHouse({ ...house, more }),
  })
  closing.add('commander', () => commander.stop())
  // Apart from the house: many accounts' files hold up no kill switch.
  const looking = repeat(LOOK_ANEW_MS, log, 'look at credentials', async () => {
    if (await look()) commander.wake()
  })
  closing.add('credentials', () => looking.stop())
  startHealth({ db, log, defaults: healthDefaults(runnable, settings.healthEveryMs) }, closing)
  moved = () => {
    for (const code of codes) for (const { clone } of factory.stock.of(code)) factory.stock.drain(clone.clone)
  }
  void factory.wake()

  const intakeContext = {
    db,
    engines: facts,
    enginesFor: access.factsFor,
    roomOf: (account: string) => roomFrom(db, account),
  }
  const events = await eventsOf(db)
  closing.add('events', () => events.close())
  const url = await listenHttp(settings, data, closing, {
    version: VERSION,
    log,
    db,
    metrics: openMetrics(db),
    engines: facts,
    enginesFor: access.factsFor,
    catalogFolder: settings.catalogFolder,
    events,
    authenticate: (token) => authenticate(db, token),
    withAlternatives: (deployment) => withAlternatives(intakeContext, deployment),
    async intake(request) {
      const deployment = await intake(intakeContext, request)
      commander.wake()
      return deployment
    },
    async secure(asked) {
      const deployment = await secure({ db, engines: await access.factsFor(asked.account) }, asked)
      commander.wake()
      return deployment
    },
    reconcile: (account, engine) => reconcileLedger(house, account, engine),
    wishes: openWishes({ db, engines: facts, metersOf: metersOfPlan(engines, settings.catalogFolder) }),
    async adopt(asked) {
      const deployment = await adopt(db, (request) => intake(intakeContext, request), asked)
      commander.wake()
      return deployment
    },
    setSecret: (asked) => setSecret(db, data.masterKey, asked),
    accounts: accountKeeper(db, owner.id),
    credentials: credentialKeeper(db, data.masterKey, opened),
    cancel: (account, id, by) => cancel(db, account, id, by),
    dns: hostsDns(),
    waiting: async () => Object.fromEntries((await figures()).map((one) => [one.engine, one.waiting])),
    wanted(engine) {
      const trouble = factory.stock.trouble(engine)
      return {
        wanted: factory.stock.wanted(engine, policy(engine).min),
        ...(trouble === undefined ? {} : { trouble: trouble.lastWords.join('\n') }),
      }
    },
    hosts: machineRooms(db, [...opened.values()], companionsOf),
    sandbox: sandbox && (() => sandbox.admin()),
    ready: readiness(db, {
      queue: () => Promise.all(codes.map((code) => publisher.depth(code))),
      ...(sandbox === undefined ? {} : { sandbox: () => sandbox.ask() }),
    }),
  })
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
