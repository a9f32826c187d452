import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemOwner } from '../../../engines/parts/postgres/owner.ts'
import { locateBinaries } from '../../../engines/parts/postgres/packaged.ts'
import { ensureDatabase } from './database.ts'
import { initialise } from './initialise.ts'
import { keepRunning } from './keep-running.ts'
import { endLeftover } from './leftover.ts'
import { readPassword } from './password.ts'
import { choosePort, isFree, rememberPort } from './port.ts'
import { type RunningPostgres, supervisePostgres } from './supervise.ts'

export interface ServerOptions {
  /** Our data folder. The server keeps `postgres/`, `postgres-password`, `postgres.json` and `postgres.log` in it. */
  data: string
  /** Folder for tools. Used as root only: there the binaries are copied to where the server's user reaches them. */
  cache: string
  /** Told once about what is done to the machine: a system user made, a port moved, a crash cleaned up. */
  log?: (message: string) => void
  /** False for throw-away servers in tests: no fsync. */
  durable?: boolean
  /** Added to the server's environment, which is empty otherwise. */
  environment?: Record<string, string>
}

export interface PostgresServer {
  /** `postgres://…@127.0.0.1:PORT/pipi`, with the password in it. */
  url: string
  port: number
  /** Resolves when it has ended for good: stopped, or started again too often in vain. */
  ended: Promise<void>
  /** Ends it in an orderly way; resolves when no process is left. */
  stop(): Promise<void>
}

const ATTEMPTS = 5
const AGAIN_MS = 300

/**
 * Starts the PostgreSQL that came from npm, for this process only: it listens on loopback, and ends by itself when
 * this process dies, however it dies. Copes with what a crash left behind, and starts a crashed server again.
 */
export async function startServer(options: ServerOptions): Promise<PostgresServer> {
  const log = options.log ?? (() => {})
  const data = path.resolve(options.data)
  await mkdir(data, { recursive: true, mode: 0o711 })
  await endLeftover(data, log)
  const owner = await systemOwner(log)
  const binaries = await locateBinaries({ cache: options.cache, owner, log })
  const password = await readPassword(data)
  const place = { data, owner, binaries, password, environment: options.environment ?? {} }
  await initialise(place, options.durable ?? true)

  const { port, running } = await startOnSomePort(place, options.durable ?? true, log)
  try {
    const url = await ensureDatabase({ port, password }, running.ended)
    return { url, port, ...keepRunning(running, () => supervisePostgres(place, port, options.durable ?? true), log) }
  } catch (error) {
    await running.stop()
    throw error
  }
}

async function startOnSomePort(
  place: Parameters<typeof supervisePostgres>[0],
  durable: boolean,
  log: (message: string) => void,
): Promise<{ port: number; running: RunningPostgres }> {
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(place.data, log)
    const running = await supervisePostgres(place, port, durable)
    try {
      await running.ready
      await rememberPort(place.data, port)
      return { port, running }
    } catch (error) {
      await running.stop()
      // Somebody took the port between our look and the server's bind: another one then. Or what a crash left behind
      // (a backend on its way out) stood in the way: once more, a little later.
      if (attempt >= ATTEMPTS || (attempt > 1 && (await isFree(port)))) throw error
      await delay(AGAIN_MS)
    }
  }
}
