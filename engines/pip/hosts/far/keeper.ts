import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const END_MS = 45_000
const SCRIPT = join(import.meta.dirname, 'keep.sh')

export function keeperLog(folder: string): string {
  return join(folder, 'keeper.log')
}

/** Starts the supervisor of a folder apart from whoever asks, and keeps it running: for hosts without systemd. */
export async function startKeeper(order: { folder: string; main: string; node: string }): Promise<void> {
  const log = await open(keeperLog(order.folder), 'w', 0o600)
  const child = spawn('/bin/sh', [SCRIPT, order.folder, order.node, order.main], {
    cwd: order.folder,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' },
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  })
  await once(child, 'spawn')
  child.unref()
  await log.close()
}

/** Whether a keeper sees to it that the supervisor of a folder runs. */
export async function keeperLives(folder: string): Promise<boolean> {
  return (await keeperOf(folder)) !== undefined
}

/** Ends the keeper of a folder with its supervisor and all that this runs; resolves when they are gone. */
export async function endKeeper(folder: string): Promise<void> {
  const pid = await keeperOf(folder)
  if (pid === undefined) return
  await rm(join(folder, 'keeper'), { force: true })
  const patience = performance.now() + END_MS
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; tell(-pid, signal); ) {
    await delay(50)
    signal = performance.now() > patience ? 'SIGKILL' : 0
  }
}

/** The number that is written down may be another process' by now. */
async function keeperOf(folder: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(folder, 'keeper'), 'utf8').catch(() => '0'))
  if (!Number.isInteger(pid) || pid < 2) return undefined
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.includes('keep.sh') && command.split('\0').includes(folder) ? pid : undefined
}

/** False when nobody of the group lives. */
function tell(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(group, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
