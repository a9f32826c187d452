import { statfs } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { processesOf, type Quarry } from '../process/end.ts'
import { folderSize } from './folder-size.ts'
import type { BuildLimits } from './limits.ts'

const LOOK_MS = 250
/** Between two countings of the work folder: this many times what the last one took. */
const REST = 20
/** What has to stay free of the disk, whatever a build is allowed. */
const DISK_FLOOR = 256 * 1024 ** 2

export interface Watch {
  title: string
  workFolder: string
  limits: BuildLimits
  /** When the whole build has to be over, by `performance.now()`. */
  until: number
  quarry: Quarry
  /** Bytes written to the log so far. */
  written(): number
  signal: AbortSignal
}

/** Resolves with what a running command did wrong: too long, too much of something. Ends quietly on `signal`. */
export async function watchCommand(watch: Watch): Promise<PipiError> {
  const { title, limits } = watch
  const disk = watchDisk(watch)
  while (!watch.signal.aborted) {
    await delay(LOOK_MS, undefined, { signal: watch.signal }).catch(() => undefined)
    if (performance.now() > watch.until) {
      const seconds = Math.round(limits.timeMs / 1000)
      return new PipiError('build.timeout', `The build took longer than ${seconds} seconds, and was at "${title}"`, {
        hint: 'Does it wait for input, or start a server? A build has to end by itself.',
      })
    }
    if (watch.written() > limits.logBytes) return tooMuch(title, 'more log', mib(limits.logBytes))
    const running = await processesOf(watch.quarry)
    if (running.length > limits.processes)
      return tooMuch(title, `${running.length} processes at once`, `${limits.processes}`)
    const memory = running.reduce((sum, one) => sum + one.memory, 0)
    if (memory > limits.memoryBytes) return tooMuch(title, `${mib(memory)} of memory`, mib(limits.memoryBytes))
    const wrong = await disk()
    if (wrong !== undefined) return wrong
  }
  return new PipiError('deadline.passed', `"${title}" was stopped`)
}

/** Counts now and then, and at once where the disk itself has lost more than what is left of the limit. */
function watchDisk({ title, workFolder, limits }: Watch): () => Promise<PipiError | undefined> {
  let [countAt, left, freeThen] = [0, 0, Number.POSITIVE_INFINITY]
  return async () => {
    const { bavail, bsize } = await statfs(workFolder)
    const free = bavail * bsize
    if (free < DISK_FLOOR)
      return tooMuch(title, `the disk until ${mib(free)} were free`, `${mib(DISK_FLOOR)} left over`)
    if (performance.now() < countAt && freeThen - free < left / 2) return undefined
    const before = performance.now()
    const size = await folderSize(workFolder, { bytes: limits.workBytes, entries: limits.workEntries })
    if (size.bytes > limits.workBytes) return tooMuch(title, 'more disk', mib(limits.workBytes))
    if (size.entries > limits.workEntries) return tooMuch(title, 'more files', `${limits.workEntries}`)
    countAt = performance.now() + (performance.now() - before) * REST
    left = limits.workBytes - size.bytes
    freeThen = free
    return undefined
  }
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`
}

function tooMuch(title: string, what: string, limit: string): PipiError {
  return new PipiError('build.failed', `"${title}" used ${what}, allowed are ${limit}`, {
    hint: 'A build shares the machine with others: make it smaller.',
  })
}
