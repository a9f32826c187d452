import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type Client, clientOf } from '../../cli/client.ts'
import { engineSchema, listOf, type ShownEngine } from '../../cli/wire.ts'
import { childEnvironment } from '../../config.ts'
import { keepRunning } from '../../processes/keep-running.ts'

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
const HOUR_MS = 3_600_000
/** The platform's own clones end or hand back what they work on; then it is made to end. */
const GRACE_MS = 60_000

const stockSchema = z.object({
  items: z.array(
    z.object({ clones: z.array(z.looseObject({ pid: z.number(), state: z.string(), running: z.array(z.string()) })) }),
  ),
})

/** A clone as the stock shows it. */
export interface ShownClone {
  pid: number
  running: string[]
}

/** A whole platform, started as a user starts it, on a data folder and a database of its own. */
export interface RealWorld {
  client: Client
  engines: ShownEngine[]
  /** Clones that work on something now. */
  busy(): Promise<ShownClone[]>
  /** Moves the clocks of simulated clouds and ledger on by an hour. */
  forward(): Promise<void>
  close(): Promise<void>
}

export async function openRealWorld(options: {
  folder: string
  databaseUrl: string
  log(line: string): void
}): Promise<RealWorld> {
  const data = join(options.folder, 'platform')
  await mkdir(data, { recursive: true })
  const platform = await keepRunning({
    name: 'the platform of the drill',
    command: [
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      MAIN,
      ...['serve', '--sandbox', '--data', data, '--port', '0', '--json', '--until-stdin-ends'],
    ],
    environment: {
      ...childEnvironment(),
      DATABASE_URL: options.databaseUrl,
      PIPI_LOG_LEVEL: 'error',
      // What was bred in a rush goes again soon: several engines share a small machine.
      PIPI_MIN_CLONES: '0',
      PIPI_MAX_CLONES: '1',
      PIPI_CAPACITY: '2',
      PIPI_DRAIN_AFTER_MS: '60000',
    },
    cwd: data,
    input: '',
    ready: z.object({ url: z.string() }),
    readyWithinMs: 120_000,
    log: (level, message) => options.log(`${level}: ${message}`),
  })
  const client = clientOf(platform.current().url, (await readFile(join(data, 'owner-token'), 'utf8')).trim())
  const engines = listOf(await client.get('/v1/engines'), 'engines').map((one) => engineSchema.parse(one))
  return {
    client,
    engines: engines.filter((one) => one.closed === undefined && one.carries.length > 0),
    async busy() {
      const { items } = stockSchema.parse(await client.get('/v1/stock'))
      return items.flatMap(({ clones }) => clones.filter((one) => one.state !== 'gone' && one.running.length > 0))
    },
    async forward() {
      await client.post('/v1/sandbox/clock', { forward: `${HOUR_MS}ms` })
    },
    close: () => platform.stop(GRACE_MS),
  }
}
