import { setTimeout as pause } from 'node:timers/promises'
import { PipiError } from '../../catalog/errors.ts'
import type { Settings } from '../config.ts'
import type { DataFolder } from '../data/open.ts'
import type { Log } from '../log.ts'
import { startServer } from '../store/server/start.ts'
import type { Closing } from './closing.ts'

const RESTARTS_MS = [100, 500, 2_000, 5_000, 10_000]

/**
 * The address of the database: the managed one of the settings, or our own server, kept running. A server that ends by
 * itself is started again at the same port; nothing of what was committed is lost.
 */
export async function openDatabaseServer(
  settings: Settings,
  data: DataFolder,
  closing: Closing,
  log: Log,
): Promise<string> {
  if (settings.databaseUrl !== undefined) return settings.databaseUrl
  const options = { data: data.path, cache: settings.cache, log: (message: string) => log('info', message) }
  let stopping = false
  let server = await startServer(options)
  const { url } = server
  void keep()
  closing.add('database', async () => {
    stopping = true
    await server.stop()
  })
  return url

  async function keep(): Promise<void> {
    for (let attempt = 0; ; ) {
      await server.ended
      if (stopping) return
      log('error', 'the database server ended by itself and is started again')
      await pause(RESTARTS_MS[Math.min(attempt, RESTARTS_MS.length - 1)])
      if (stopping) return
      try {
        server = await startServer(options)
        attempt = 0
        if (server.url !== url)
          log('error', 'the database came back at another port: stop this platform and start it again')
      } catch (error) {
        attempt += 1
        log('error', `the database server does not start: ${PipiError.from(error).message}`)
      }
    }
  }
}
