import { hostname } from 'node:os'
import { join } from 'node:path'
import { PipiError } from '../../catalog/errors.ts'
import type { CloudAccount, Engine } from '../../engines/contract/engine.ts'
import { sandboxModuleOf } from '../../engines/scan.ts'
import type { Spawner } from '../../factory/contract/spawner.ts'
import { processSpawner } from '../../factory/spawners/process.ts'
import { childEnvironment, networkEnvironment, type Settings } from '../config.ts'
import type { DataFolder } from '../data/open.ts'
import { type BirthMessage, cloneLineSchema } from '../engine/birth-message.ts'
import { jsonOf } from '../json-of.ts'
import type { Log } from '../log.ts'
import type { EngineAccess } from '../store/engine-access.ts'
import { engineKey } from '../store/engine-key.ts'
import type { RunningSandbox } from './sandbox.ts'
import { removeWorkFolder, workFolder } from './work-folders.ts'

export interface RunnableEngine {
  engine: Engine
  access: EngineAccess
  /** The platform's own there; missing: only who brings credentials along is let in. */
  account?: CloudAccount
}

export interface ClonesOptions {
  settings: Settings
  data: DataFolder
  engines: ReadonlyMap<string, RunnableEngine>
  sandbox: RunningSandbox | undefined
  /** Addresses of an engine's companions, by region. */
  companionsOf(code: string): Record<string, string> | undefined
  pulumi: { path: string; version: string }
  log: Log
  onReady(clone: string): void
}

const CLI = join(import.meta.dirname, '..', 'cli', 'main.ts')

/** Clones as child processes of this platform: `pipi engine CODE`, with an environment of their own and a birth message. */
export function cloneSpawner(options: ClonesOptions): Spawner {
  const { settings, data, log } = options
  return processSpawner({
    command: (code) => [process.execPath, '--disable-warning=ExperimentalWarning', CLI, 'engine', code],
    environment: () => {
      const temporary = join(data.path, 'tmp')
      return { ...childEnvironment(), HOME: temporary, TMPDIR: temporary }
    },
    cwd: data.path,
    birth: (code, clone) => birthOf(options, code, clone),
    onEnd: (clone) => {
      removeWorkFolder(data, clone).catch((error: unknown) => {
        log('warn', `could not remove the work folder of ${clone}: ${PipiError.from(error).message}`)
      })
    },
    onLine: (clone, text) => {
      const line = cloneLineSchema.safeParse(jsonOf(text))
      if (!line.success) log('debug', text, { clone })
      else if ('ready' in line.data) options.onReady(clone)
      else if (settings.logLevel === 'debug' || line.data.level !== 'debug')
        log(line.data.level, line.data.message, { clone, ...line.data.data })
    },
  })
}

/** The simulated clouds answer in seconds: nobody waits for a real platform's ten minutes before a create is absent. */
const SIMULATED_DEADLINE_MS = 30_000

async function birthOf(
  options: ClonesOptions,
  code: string,
  clone: string,
): Promise<BirthMessage & Record<string, unknown>> {
  const { settings, data, sandbox } = options
  const { engine, access } = options.engines.get(code) as RunnableEngine
  await data.folder('tmp')
  // Also where the provider is ours: in the sandbox nothing may reach the platform itself.
  const simulated = sandbox !== undefined && sandboxModuleOf(engine) !== undefined
  const companions = options.companionsOf(code)
  return {
    clone,
    engine: code,
    enginesFolder: settings.enginesFolder,
    catalogFolder: settings.catalogFolder,
    host: hostname(),
    capacity: settings.capacity,
    databaseUrl: access.url,
    stateTable: access.stateTable,
    ...(settings.redisUrl === undefined ? {} : { redisUrl: settings.redisUrl }),
    key: engineKey(data.masterKey, code).toString('hex'),
    folder: await data.folder(workFolder(clone)),
    artifacts: await data.folder('artifacts'),
    pulumi: options.pulumi,
    ...(simulated
      ? {
          upstreams: only(sandbox.providers(), [...engine.dna.providers, ...engine.dna.inProcess]),
          platformApi: sandbox.apiOf(code),
          deadlineCapMs: SIMULATED_DEADLINE_MS,
        }
      : {}),
    pulumiHome: join(settings.cache, 'pulumi-home'),
    ...(companions === undefined ? {} : { companions }),
    network: networkEnvironment(),
    builds: settings.builds,
  }
}

/** An engine is told its own providers' addresses and no other's. */
function only(addresses: Record<string, string>, names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(addresses).filter(([name]) => names.includes(name)))
}
