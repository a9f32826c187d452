import { setTimeout as delay } from 'node:timers/promises'
import type { RunningPostgres } from './supervise.ts'

const WITHIN_MS = 60_000
const MOST = 7
const PAUSE_MS = 200

/**
 * Starts a server that ended without having been told to, on the same port: whoever uses it connects anew. What a killed
 * one leaves working holds its memory until it has ended, and no other starts before: the pauses double. Gives up after
 * seven times in a minute; then `ended` resolves.
 */
export function keepRunning(
  first: RunningPostgres,
  again: () => Promise<RunningPostgres>,
  log: (message: string) => void,
): { ended: Promise<void>; stop(): Promise<void> } {
  let running = first
  let stopping = false
  const ended = watch()
  return {
    ended,
    stop: async () => {
      stopping = true
      await running.stop()
      await ended
    },
  }

  async function watch(): Promise<void> {
    for (let crashes: number[] = []; ; ) {
      await running.ended
      await running.stop()
      if (stopping) return
      crashes = [...crashes.filter((at) => at > Date.now() - WITHIN_MS), Date.now()]
      if (crashes.length > MOST) {
        log(`the database server ended ${crashes.length} times within a minute and is not started again`)
        return
      }
      log('the database server ended unexpectedly: starting it again')
      await delay(PAUSE_MS * 2 ** (crashes.length - 1))
      if (stopping) return
      running = await again()
      if (stopping) await running.stop()
      await running.ready.then(
        () => log('the database server is there again'),
        (error: Error) => log(error.message),
      )
    }
  }
}
