import type pg from 'pg'
import { type RunningServer, runServer } from '../../../parts/postgres/run-server.ts'
import { TAG } from '../command.ts'
import type { ProcessLog } from '../log.ts'
import { openCluster } from './cluster.ts'
import type { Limits } from './limits.ts'
import { connect, provision } from './provision.ts'
import { settingsFor } from './settings.ts'
import type { DatabaseSpec } from './spec.ts'
import { withoutStatements } from './without-statements.ts'

/** One server that takes connections. */
export interface Serving {
  server: RunningServer
  pid: number
  client: pg.Client
  /** MiB that it was started with. */
  memory: number
}

/** Starts the server of a database and lets its users in. When that fails, or `signal` comes, nothing of it is left. */
export async function startServing(given: {
  folder: string
  port: number
  /** Password of our own role. */
  keeper: string
  tag: string
  log: ProcessLog
  limits: Limits
  spec(): DatabaseSpec
  signal: AbortSignal
}): Promise<Serving> {
  const { port, keeper, log, limits, signal } = given
  const place = await openCluster(given.folder, { [TAG]: given.tag })
  const { memory, size } = given.spec()
  const server = await runServer(place, settingsFor({ memory, size, port, major: place.major }))
  const voice = log.voice()
  for (const stream of server.output) voice.follow(withoutStatements(stream)).catch(() => undefined)
  // Told to end meanwhile.
  const stop = (): void => void server.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await server.ready
    const client = await connect({ port, keeper })
    // As it shall be now: that may have changed since it was started.
    await provision(client, given.spec())
    await limits.begin(client)
    signal.throwIfAborted()
    return { server, client, pid: await server.pid, memory }
  } catch (error) {
    await server.stop()
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
