import { type ChildProcess, spawn } from 'node:child_process'
import { open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { type Place, throughDescriptor } from './initialise.ts'

export interface RunningPostgres {
  /** Resolves when it takes connections; rejects when it ended or took too long instead. */
  ready: Promise<void>
  ended: Promise<void>
  stop(): Promise<void>
}

const START_MS = 60_000
const LOG_BYTES = 5_000_000

/**
 * Runs the server and, beside it, a reader of a pipe that we hold: when the pipe closes (we stop it, or we are dead,
 * kill -9 included) the reader ends the server, first in an orderly way, after 20 s by force. Both are in a session
 * of their own, so that the terminal's Ctrl-C reaches us alone.
 */
const WATCH = `
"$@" 4<&- &
pid=$!
echo $pid >&4
(
  read -r _ <&4
  kill -INT $pid 2>/dev/null
  n=0
  while kill -0 $pid 2>/dev/null && [ $n -lt 200 ]; do n=$((n+1)); sleep 0.1; done
  kill -QUIT $pid 2>/dev/null
) &
watcher=$!
wait $pid
code=$?
kill $watcher 2>/dev/null
exit $code
`

export async function supervisePostgres(place: Place, port: number, durable: boolean): Promise<RunningPostgres> {
  const logFile = path.join(place.data, 'postgres.log')
  if (((await stat(logFile).catch(() => undefined))?.size ?? 0) > LOG_BYTES) await rename(logFile, `${logFile}.1`)
  const folder = await open(path.join(place.data, 'postgres'), 'r')
  const log = await open(logFile, 'a', 0o600)
  let child: ChildProcess
  try {
    const where = throughDescriptor(place, 3, path.join(place.data, 'postgres'))
    child = spawn(
      '/bin/sh',
      ['-c', WATCH, 'pipi-postgres', place.binaries.postgres, '-D', where, ...settings(port, durable)],
      {
        cwd: '/',
        env: { ...place.environment, PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
        stdio: ['ignore', log.fd, log.fd, folder.fd, 'pipe'],
        detached: true,
        ...(place.owner ? { uid: place.owner.uid, gid: place.owner.gid } : {}),
      },
    )
  } finally {
    await folder.close()
    await log.close()
  }
  const lifeline = child.stdio[4] as Duplex
  let code: number | null | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => {
      code ??= null
      resolve()
    })
    child.once('exit', (exit) => {
      code = exit
      resolve()
    })
  })
  const stop = async () => {
    lifeline.destroy()
    await ended
  }
  const ready = untilReady(place.data, pidFrom(lifeline), () => code)
  // Whoever waits gets the rejection; nobody waiting must not bring the process down.
  ready.catch(() => {})
  return { ready, ended, stop }
}

/** The server's own process id, as the shell says it: a postmaster.pid may be one that a crash left behind. */
function pidFrom(lifeline: Duplex): Promise<string> {
  return new Promise((resolve) => {
    lifeline.once('data', (said: Buffer) => resolve(said.toString().trim()))
    lifeline.once('close', () => resolve(''))
    // A shell that died has closed its end: what ended is seen by its exit.
    lifeline.on('error', () => resolve(''))
  })
}

/** Read from the last line of postmaster.pid, which PostgreSQL keeps for this purpose. */
async function untilReady(
  data: string,
  pid: Promise<string>,
  exitCode: () => number | null | undefined,
): Promise<void> {
  const file = path.join(data, 'postgres', 'postmaster.pid')
  for (const end = Date.now() + START_MS; Date.now() < end; await delay(10)) {
    if (exitCode() !== undefined) throw await failed(data, `PostgreSQL ended at its start (exit code ${exitCode()})`)
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
    if (lines[7]?.trim() === 'ready' && lines[0] === (await pid)) return
  }
  throw await failed(data, `PostgreSQL was not ready after ${START_MS / 1000} s`)
}

async function failed(data: string, what: string): Promise<PipiError> {
  const log = await readFile(path.join(data, 'postgres.log'), 'utf8').catch(() => '')
  const last = log.trim().split('\n').slice(-3).join('; ')
  return new PipiError('platform.internal', `${what}: ${last}`, { hint: `see ${path.join(data, 'postgres.log')}` })
}

function settings(port: number, durable: boolean): string[] {
  const values: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    password_encryption: 'scram-sha-256',
    // Connections of processes that died by power or network are noticed.
    tcp_keepalives_idle: '30',
    // What a client was refused it hears itself; in the log it would only fill the disk.
    log_min_messages: 'log',
    log_line_prefix: '%m [%p] ',
    // Never a statement in the log: it may carry what users call secret.
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    max_wal_size: '256MB',
    min_wal_size: '32MB',
    jit: 'off',
    io_method: 'sync',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
