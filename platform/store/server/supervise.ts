import { open, readFile, rename, stat } from 'node:fs/promises'
import path from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { type RunningServer, runServer } from '../../../engines/parts/postgres/run-server.ts'
import { clusterOf, type Place } from './initialise.ts'

export type RunningPostgres = Pick<RunningServer, 'ready' | 'ended' | 'stop'>

const LOG_BYTES = 5_000_000

/** Runs the server of a place, which ends with us; what it says goes to `postgres.log`. */
export async function supervisePostgres(place: Place, port: number, durable: boolean): Promise<RunningPostgres> {
  const logFile = path.join(place.data, 'postgres.log')
  if (((await stat(logFile).catch(() => undefined))?.size ?? 0) > LOG_BYTES) await rename(logFile, `${logFile}.1`)
  const log = await open(logFile, 'a', 0o600)
  try {
    const running = await runServer(clusterOf(place), settings(port, durable), log)
    const ready = running.ready.catch(async (error: Error) => {
      throw await failed(place.data, error.message)
    })
    // Whoever waits gets the rejection; nobody waiting must not bring the process down.
    ready.catch(() => {})
    return { ready, ended: running.ended, stop: running.stop }
  } finally {
    await log.close()
  }
}

async function failed(data: string, what: string): Promise<PipiError> {
  const log = await readFile(path.join(data, 'postgres.log'), 'utf8').catch(() => '')
  const last = log.trim().split('\n').slice(-3).join('; ')
  return new PipiError('platform.internal', `${what}: ${last}`, { hint: `see ${path.join(data, 'postgres.log')}` })
}

function settings(port: number, durable: boolean): Record<string, string> {
  return {
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
}
