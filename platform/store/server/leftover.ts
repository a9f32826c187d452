import { readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { readRecord } from './port.ts'
import { isAlive, startedAt, workingFolder } from './process.ts'

/** A server whose platform died ends by itself within this time; after it we ask, then insist. */
const PATIENCE_MS = 5_000

/**
 * Makes sure that no server works in the data folder: one whose platform died is waited for and ended; one whose
 * platform lives is left alone, and we refuse to start.
 */
export async function endLeftover(data: string, log: (message: string) => void): Promise<void> {
  const record = await readRecord(data)
  const ownerLives =
    record !== undefined &&
    record.owner !== process.pid &&
    isAlive(record.owner) &&
    (await startedAt(record.owner)) === record.ownerStarted
  const pid = await runningServer(data)
  if (pid === undefined) return
  if (ownerLives) {
    throw new PipiError('conflict.state', `the data folder ${data} is in use by process ${record.owner}`, {
      hint: 'stop that platform first, or give this one another data folder (--data)',
    })
  }
  log(`a database server of an earlier run (process ${pid}) is still there: waiting for it to end`)
  if (await gone(pid, PATIENCE_MS)) return
  process.kill(pid, 'SIGINT')
  if (await gone(pid, PATIENCE_MS)) return
  process.kill(pid, 'SIGQUIT')
  if (await gone(pid, PATIENCE_MS)) return
  throw new PipiError('conflict.state', `the database server of an earlier run (process ${pid}) does not end`, {
    hint: `end it by hand (kill -9 ${pid}), then start again`,
  })
}

/** The process id in postmaster.pid, if that process really is the server of this folder. */
async function runningServer(data: string): Promise<number | undefined> {
  const folder = path.join(data, 'postgres')
  const text = await readFile(path.join(folder, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined
  const working = await workingFolder(pid)
  // Where it cannot be known, PostgreSQL's own check of postmaster.pid has the last word.
  if (working === undefined) return process.platform === 'linux' ? undefined : pid
  return working === (await realpath(folder)) ? pid : undefined
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  for (const end = Date.now() + withinMs; Date.now() < end; await delay(50)) if (!isAlive(pid)) return true
  return !isAlive(pid)
}
