import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { CloudAccount, Engine } from '../../engines/contract/engine.ts'
import { sandboxModuleOf } from '../../engines/scan.ts'
import { childEnvironment } from '../config.ts'
import type { DataFolder } from '../data/open.ts'
import type { Log } from '../log.ts'
import { keepRunning } from '../processes/keep-running.ts'
import type { Closing } from './closing.ts'

const readySchema = z.object({
  ready: z.literal(true),
  providers: z.record(z.string(), z.string()),
  api: z.string(),
  admin: z.string(),
})

export interface RunningSandbox {
  /** Provider addresses by name, as they are now. */
  providers(): Record<string, string>
  /** Base of an engine's HTTP API. */
  apiOf(engine: string): string
  admin(): { admin: string; token: string }
  /** Resolves when it answers. */
  ask(): Promise<void>
}

const MAIN = join(import.meta.dirname, '..', '..', 'stacks', 'sandbox', 'main.ts')

/** One process for all simulated clouds. `onMoved`: it came back at other addresses, which running clones do not know. */
export async function startSandbox(
  options: {
    engines: { engine: Engine; account: CloudAccount }[]
    databaseUrl: string
    data: DataFolder
    log: Log
    onMoved(): void
    /** How far its clock is from the real one when it starts, milliseconds. */
    onClock(offsetMs: number): Promise<void>
  },
  closing: Closing,
): Promise<RunningSandbox | undefined> {
  const { data, log } = options
  const token = randomBytes(24).toString('base64url')
  const clouds = options.engines.flatMap(({ engine, account }) => {
    const module = sandboxModuleOf(engine)
    return module === undefined
      ? []
      : [{ engine: engine.dna.code, module, cloudAccount: { id: account.id, plan: account.plan } }]
  })
  // Engines that are all real simulate nothing.
  if (clouds.length === 0) return undefined
  let before: string | undefined
  const folder = await data.folder('sandbox')
  const sandbox = await keepRunning({
    name: 'sandbox',
    command: [process.execPath, '--disable-warning=ExperimentalWarning', MAIN],
    environment: { ...childEnvironment(), TMPDIR: await data.folder('tmp') },
    cwd: folder,
    input: JSON.stringify({ databaseUrl: options.databaseUrl, dataFolder: folder, clouds, adminToken: token }),
    ready: readySchema,
    readyWithinMs: 30_000,
    log,
    onReady(ready) {
      const now = JSON.stringify([ready.providers, ready.api])
      if (before !== undefined && before !== now) options.onMoved()
      before = now
    },
  })
  closing.add('sandbox', () => sandbox.stop(10_000))
  await options.onClock(await offsetOf(sandbox.current().admin, token))
  return {
    providers: () => sandbox.current().providers,
    apiOf: (engine) => `${sandbox.current().api.replace(/\/$/, '')}/api/${engine}`,
    admin: () => ({ admin: sandbox.current().admin, token }),
    async ask() {
      // Any answer is a sign of life; what it is, is not asked.
      await fetch(sandbox.current().admin, { signal: AbortSignal.timeout(2_000) })
    },
  }
}

async function offsetOf(admin: string, token: string): Promise<number> {
  const answer = await fetch(`${admin.replace(/\/$/, '')}/clock`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  })
  return z.object({ offsetMs: z.number() }).parse(await answer.json()).offsetMs
}
