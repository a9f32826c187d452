import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

/** A holder touches its lock this often; one that has not for `STALE_MS` is dead, wherever it ran. */
const TOUCH_MS = 5_000
const STALE_MS = 60_000

/**
 * Runs `work` while no other process that asks for the same lock file does. `onWait` is called once when there is a
 * holder to wait for. The lock of a dead holder is taken over.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
  const mine = `${hostname()} ${process.pid} ${performance.timeOrigin}`
  for (let waited = false; !(await take(path, mine)); waited = true) {
    if (!waited) onWait()
    await pause(200)
  }
  const touch = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), TOUCH_MS)
  try {
    return await work()
  } finally {
    clearInterval(touch)
    await rm(path, { force: true })
  }
}

async function take(path: string, mine: string): Promise<boolean> {
  if (await create(path, mine)) return true
  if (await isDead(path)) await takeAway(path, mine)
  return false
}

async function isDead(path: string): Promise<boolean> {
  try {
    const [host, pid] = (await readFile(path, 'utf8')).split(' ')
    if (host === hostname() && pid !== undefined) return !isAlive(Number(pid))
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS
  } catch (error) {
    // Given back while we looked.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/**
 * One waiter at a time, and after another look: two that found the same holder dead would else remove the lock that the
 * first of them has just taken.
 */
async function takeAway(path: string, mine: string): Promise<void> {
  const turn = `${path}.turn`
  if (!(await create(turn, mine))) {
    if (await isDead(turn)) await rm(turn, { force: true })
    return
  }
  try {
    if (await isDead(path)) await rm(path, { force: true })
  } finally {
    await rm(turn, { force: true })
  }
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
