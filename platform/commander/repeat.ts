import { PipiError } from '../../catalog/errors.ts'
import type { Log } from '../log.ts'

/**
 * Does a piece of work every so many milliseconds, never twice at once. What fails is told, and done again the next
 * time. `stop` waits for what is being done.
 */
export function repeat(pauseMs: number, log: Log, what: string, work: () => Promise<void>): { stop(): Promise<void> } {
  let busy: Promise<void> | undefined
  const ticker = setInterval(() => {
    busy ??= work()
      .catch((error: unknown) => log('warn', `could not ${what}: ${PipiError.from(error).message}`))
      .finally(() => {
        busy = undefined
      })
  }, pauseMs)
  return {
    async stop() {
      clearInterval(ticker)
      await busy
    },
  }
}
