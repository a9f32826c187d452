import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import { ensurePulumi } from '../../../stacks/toolchain/ensure-pulumi.ts'
import { childEnvironment, readSettings, toolEnvironment } from '../../config.ts'
import { keepRunning } from '../../processes/keep-running.ts'
import { openStore } from '../../store/open.ts'
import { startServer } from '../../store/server/start.ts'

/** What both sides stand on: one database server, one simulated provider of a kind, one Pulumi CLI. */
export interface Stand {
  pulumi: string
  /** A database for the platform. */
  databaseUrl: string
  theirStateUrl: string
  theirFolder: string
  /** `bench:port` of the simulated provider that their engine attaches to. */
  debugProviders: string
  ourFolder: string
  /** Further things to close first. */
  onClose(close: () => Promise<void>): void
  close(): Promise<void>
}

export const PACK = fileURLToPath(new URL('./pack/', import.meta.url))
const SANDBOX = fileURLToPath(new URL('../../../stacks/sandbox/main.ts', import.meta.url))
const readySchema = z.object({ ready: z.literal(true), providers: z.record(z.string(), z.string()) })

/** Everything lies in a temporary folder and is gone after `close`. */
export async function openStand(log: (line: string) => void): Promise<Stand> {
  const folder = await mkdtemp(join(tmpdir(), 'pipi-bench-'))
  const closing: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })]
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each()
  }
  try {
    const { cache } = readSettings({ data: folder })
    const { path: pulumi } = await ensurePulumi({ cacheDir: cache, environment: toolEnvironment(), report: log })
    const server = await startServer({ data: join(folder, 'postgres'), cache, log })
    closing.push(() => server.stop())
    const [databaseUrl, theirUrl] = await Promise.all(['ours', 'theirs'].map((name) => database(server.url, name)))
    if (databaseUrl === undefined || theirUrl === undefined) throw new Error('two databases were asked for')
    const sandbox = await keepRunning({
      name: 'their sandbox',
      command: [process.execPath, SANDBOX],
      environment: childEnvironment(),
      cwd: folder,
      input: JSON.stringify({
        databaseUrl: theirUrl,
        dataFolder: join(folder, 'sandbox'),
        clouds: [
          {
            engine: 'bnc',
            module: pathToFileURL(join(PACK, 'engines/bnc/sandbox/resources.ts')).href,
            cloudAccount: { id: 'bench-account', plan: 'bench' },
          },
        ],
        adminToken: randomBytes(16).toString('hex'),
      }),
      ready: readySchema,
      readyWithinMs: 30_000,
      log: (level, message) => log(`${level}: ${message}`),
    })
    closing.push(() => sandbox.stop(5000))
    const port = sandbox.current().providers.bench?.split(':').at(-1)
    return {
      pulumi,
      databaseUrl,
      theirStateUrl: `${theirUrl}?sslmode=disable`,
      theirFolder: join(folder, 'theirs'),
      debugProviders: `bench:${port}`,
      ourFolder: join(folder, 'ours'),
      onClose: (each) => closing.push(each),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function database(serverUrl: string, name: string): Promise<string> {
  const store = openStore(serverUrl, { connections: 1 })
  await store.query(`create database bench_${name}`)
  await store.close()
  const url = new URL(serverUrl)
  url.pathname = `/bench_${name}`
  return url.href
}
