import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PipiError } from '../../../catalog/errors.ts'
import { type Client, openClient } from '../client.ts'

export interface StartedPlatform {
  client: Client
  /** Stops it as Ctrl-C would, and waits until it has ended. Throws when it did not end well. */
  stop(): Promise<void>
  /** Resolves when it has ended by itself. */
  ended: Promise<void>
}

/** The first start makes a database and may fetch what is missing. */
const START_MS = 10 * 60_000

/** Starts `serve --sandbox` on a data folder as a process of its own, which ends with this one whatever happens. */
export async function startPlatform(data: string, signal: AbortSignal): Promise<StartedPlatform> {
  const logFile = join(data, 'platform.log')
  const log = await open(logFile, 'a', 0o600)
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  // A group of its own: Ctrl-C on the terminal is ours to pass on. The pipe to its stdin is what it lives by.
  const child = spawn(
    process.execPath,
    [...process.execArgv, main, 'serve', '--sandbox', '--data', data, '--port', '0', '--until-stdin-ends'],
    {
      stdio: ['pipe', log.fd, log.fd],
      detached: true,
    },
  )
  let exit: { code: number | null; signal: NodeJS.Signals | null } | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, by) => {
      exit = { code, signal: by }
      resolve()
    })
    child.once('error', (error) => {
      exit ??= { code: 1, signal: null }
      process.stderr.write(`${error.message}\n`)
      resolve()
    })
  })
  await log.close()
  const stop = async () => {
    if (exit === undefined) child.kill('SIGTERM')
    await ended
    if (exit?.code !== 0) throw await startError(`The platform ended with ${exit?.signal ?? exit?.code}`, logFile)
  }

  const until = Date.now() + START_MS
  while (exit === undefined && !signal.aborted && Date.now() < until) {
    const client = await openClient({ data }).catch(() => undefined)
    if (client !== undefined && (await isReady(client))) return { client, stop, ended }
    await Promise.race([pause(100, undefined, { signal }).catch(() => undefined), ended])
  }
  if (exit === undefined) {
    child.kill('SIGTERM')
    await ended
  }
  signal.throwIfAborted()
  throw await startError('The platform did not start', logFile)
}

async function isReady(client: Client): Promise<boolean> {
  return await client.get('/readyz').then(
    () => true,
    () => false,
  )
}

async function startError(message: string, logFile: string): Promise<PipiError> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-15)
  return new PipiError('platform.internal', message, {
    data: { lines },
    hint: 'See what is missing here: ./pipi doctor',
  })
}
