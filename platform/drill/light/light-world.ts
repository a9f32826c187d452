import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { selfStops } from '../../../catalog/self-stops.ts'
import type { CloudAccount, Engine } from '../../../engines/contract/engine.ts'
import { sandboxModuleOf, scanEngines } from '../../../engines/scan.ts'
import type { Birth } from '../../../factory/contract/stem-cell.ts'
import { configurationOf } from '../../../factory/stem-cell/configuration.ts'
import { loadCloud } from '../../../stacks/sandbox/load-cloud.ts'
import { childEnvironment, readSettings } from '../../config.ts'
import { keepRunning } from '../../processes/keep-running.ts'
import { openLedger } from '../../start/ledger.ts'
import { openAccount } from '../../store/account.ts'
import { engineAccess } from '../../store/engine-access.ts'
import { openEngineTruth } from '../../store/engine-truth.ts'
import { moveLedgerClock } from '../../store/ledger-clock.ts'
import { migrate } from '../../store/migrate.ts'
import { type Database, openStore } from '../../store/open.ts'
import { livedKinds } from '../quarter/lives.ts'
import type { Artifacts } from './artifacts.ts'
import type { LightEngines } from './carry-out.ts'
import { Providers } from './providers.ts'
import { States } from './states.ts'

const SANDBOX = fileURLToPath(new URL('../../../stacks/sandbox/main.ts', import.meta.url))
const readySchema = z.object({
  ready: z.literal(true),
  providers: z.record(z.string(), z.string()),
  api: z.string(),
  admin: z.string(),
})

/** A ledger and all simulated clouds, with several cloud accounts at each, and engines that live in this process. */
export interface LightWorld extends LightEngines {
  db: Database
  /** Our own account, which uses all the cloud accounts. */
  owner: string
  artifacts: Artifacts
  /** The sandbox's admin API. */
  ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>
  /** Moves the clocks of clouds and ledger together, milliseconds. */
  forward(ms: number): Promise<void>
  close(): Promise<void>
}

export interface LightWorldOptions {
  folder: string
  databaseUrl: string
  /** Platforms, and how many cloud accounts there are at each. */
  places: readonly { engine: Engine; accounts: number }[]
  artifacts: Artifacts
  seed: string
  log(line: string): void
}

export async function openLightWorld(options: LightWorldOptions): Promise<LightWorld> {
  const { folder, databaseUrl, places, artifacts } = options
  const closing: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each()
  }
  try {
    const db = openStore(databaseUrl, { connections: 16, name: 'pipi-drill' })
    closing.push(() => db.close())
    await migrate(db)
    const token = randomBytes(24).toString('base64url')
    const sandbox = await keepRunning({
      name: 'the simulated clouds of the drill',
      command: [process.execPath, '--disable-warning=ExperimentalWarning', SANDBOX],
      environment: childEnvironment(),
      cwd: folder,
      input: JSON.stringify({
        databaseUrl,
        dataFolder: join(folder, 'sandbox'),
        clouds: places.map(({ engine }) => ({
          engine: engine.dna.code,
          module: sandboxModuleOf(engine),
          cloudAccount: { id: engine.dna.sandbox?.cloudAccount, plan: engine.dna.sandbox?.plan },
        })),
        adminToken: token,
        seed: options.seed,
        idleMs: 2_000,
      }),
      ready: readySchema,
      readyWithinMs: 30_000,
      log: (level, message) => options.log(`${level}: ${message}`),
    })
    closing.push(() => sandbox.stop(10_000))
    const providers = new Providers(sandbox.current().providers)
    closing.push(() => providers.close())
    const states = new States()
    const owner = await openAccount(db, 'drill')
    const births = new Map<string, Birth>()
    for (const { engine, accounts } of places) {
      const access = await engineAccess(db, engine.dna.code)
      const truth = openEngineTruth({
        url: access.url,
        clone: `${engine.dna.code}-light`,
        key: randomBytes(32),
        // A whole run is a second; nobody else would take over.
        leaseMs: 600_000,
        connections: Math.min(8, accounts + 1),
      })
      closing.push(() => truth.close())
      for (let at = 0; at < accounts; at += 1) {
        const opened = await accountAt(engine, at)
        await openLedger(db, owner.id, engine, opened.account, readSettings().catalogFolder)
        // Its owner wants it back by itself in the month after a kill switch.
        await db.query(`update pipi.cloud_accounts set resume = 'next-period' where id = $1`, [opened.account.id])
        births.set(opened.account.id, {
          clone: `${engine.dna.code}-light`,
          host: hostname(),
          engine,
          truth,
          jobs: { start: async () => ({ drain: async () => undefined, close: async () => undefined }) },
          capacity: 1,
          folder: join(folder, 'engines', engine.dna.code),
          artifacts: join(folder, 'artifacts'),
          pulumi: { path: '', version: '' },
          stateUrl: () => '',
          statePool: states.pool,
          stateTable: access.stateTable,
          upstreams: Object.fromEntries(
            Object.entries(sandbox.current().providers).filter(([name]) =>
              [...engine.dna.providers, ...engine.dna.inProcess].includes(name),
            ),
          ),
          platformApi: `${sandbox.current().api}/api/${engine.dna.code}`,
          companion: undefined,
          credentials: opened.credentials,
          log: (level, message) => options.log(`${level}: ${message}`),
        })
      }
    }
    const ask: LightWorld['ask'] = async (method, path, body) => {
      const answer = await fetch(`${sandbox.current().admin}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(300_000),
      })
      if (!answer.ok) throw new Error(`${method} ${path} of the sandbox: ${answer.status} ${await answer.text()}`)
      return answer.json()
    }
    return {
      db,
      owner: owner.id,
      births,
      providers,
      states,
      artifacts,
      artifactOf: (order, component) => {
        const birth = births.get(order.cloudAccount.id)
        if (birth === undefined) throw new Error(`no engine works for ${order.cloudAccount.id}`)
        return artifacts.of(birth.engine, order.source, component)
      },
      ask,
      async forward(ms) {
        const moved = await ask('POST', '/clock', { forward: `${Math.round(ms)}ms` })
        await moveLedgerClock(db, z.object({ offsetMs: z.number() }).parse(moved).offsetMs)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Platforms that are simulated, and that programs of ours deploy to by themselves. Where something has to be asked of the
 * platform before a plan, or the provider is ours, only the real engine deploys: that part of a drill has them all.
 */
export async function simulatedEngines(): Promise<Engine[]> {
  return [...(await scanEngines()).values()].filter(
    (engine) =>
      engine.dna.provider === 'plugin' &&
      engine.surroundings === undefined &&
      sandboxModuleOf(engine) !== undefined &&
      livedKinds(engine).length > 0,
  )
}

/** The n-th account of a platform: its credentials are others than the first one's, and the cloud says whose they are. */
async function accountAt(
  engine: Engine,
  at: number,
): Promise<{ account: CloudAccount; credentials: Record<string, string> }> {
  const { dna } = engine
  const stated = dna.sandbox
  if (stated === undefined) throw new Error(`${dna.name} states no sandbox account`)
  const credentials = credentialsOf(engine, at)
  const cloud = await loadCloud(sandboxModuleOf(engine) ?? '', dna.code)
  const place = { region: dna.regions[0] ?? '', cloudAccount: stated.cloudAccount }
  const known = cloud.identify?.(configurationOf({ engine, credentials }, place))
  const account = {
    id: known?.cloudAccount ?? stated.cloudAccount,
    engine: dna.code,
    plan: stated.plan,
    consentWatched: stated.consentWatched || selfStops(engine.facts, stated.plan),
  }
  return { account, credentials }
}

/** Keys and names of their own; a document that names one of them names the new one. */
function credentialsOf({ dna }: Engine, at: number): Record<string, string> {
  const names = dna.credentials.filter(({ sandbox }) => turned(sandbox, at) !== sandbox)
  return Object.fromEntries(
    dna.credentials.map(({ config, sandbox }) => {
      const own = names.some((one) => one.config === config)
      const renamed = names.reduce((text, one) => text.replaceAll(one.sandbox, turned(one.sandbox, at)), sandbox)
      return [config, own ? turned(sandbox, at) : renamed]
    }),
  )
}

/** A key or name whose last characters are others of their kinds; documents stay as they are. */
function turned(value: string, by: number): string {
  if (!/^[\w-]{4,}$/.test(value)) return value
  const end = value.length - 2
  return (
    value.slice(0, end) + next(value.charCodeAt(end), Math.floor(by / 10)) + next(value.charCodeAt(end + 1), by % 10)
  )
}

function next(code: number, by: number): string {
  const from = code < 58 ? 48 : code < 91 ? 65 : 97
  return String.fromCharCode(from + ((code - from + by) % (code < 58 ? 10 : 26)))
}
