import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { alive, type Quarry } from '../process/end.ts'
import { folderSize } from './folder-size.ts'
import type { BuildLimits } from './limits.ts'

const LOOK_MS = 250
/** Between two countings of the work folder: this many times what the last one took. */
const REST = 20

/** Resolves with what a running command did wrong: too long, too many processes, too much disk. Ends quietly on `signal`. */
export async function watchCommand(watch: {
  title: string
  workFolder: string
  limits: BuildLimits
  quarry: Quarry
  signal: AbortSignal
}): Promise<PipiError> {
  const { title, limits } = watch
  const started = performance.now()
  let countAt = 0
  while (!watch.signal.aborted) {
    await delay(LOOK_MS, undefined, { signal: watch.signal }).catch(() => undefined)
    if (performance.now() - started > limits.timeMs) {
      return new PipiError('build.timeout', `"${title}" took longer than ${Math.round(limits.timeMs / 1000)} seconds`, {
        hint: 'Does it wait for input, or start a server? A build has to end by itself.',
      })
    }
    const running = (await alive(watch.quarry)).length
    if (running > limits.processes) {
      return tooMuch(title, `${running} processes at once`, `${limits.processes}`)
    }
    if (performance.now() < countAt) continue
    const before = performance.now()
    const size = await folderSize(watch.workFolder, limits.workBytes)
    if (size > limits.workBytes) return tooMuch(title, 'more disk', `${Math.round(limits.workBytes / 1024 ** 2)} MiB`)
    countAt = performance.now() + (performance.now() - before) * REST
  }
  return new PipiError('deadline.passed', `"${title}" was stopped`)
}

function tooMuch(title: string, what: string, limit: string): PipiError {
  return new PipiError('build.failed', `"${title}" used ${what}, allowed are ${limit}`, {
    hint: 'A build shares the machine with others: make it smaller.',
  })
}
