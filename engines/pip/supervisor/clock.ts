import { setTimeout as delay } from 'node:timers/promises'

/** What time it is, and how to wait for one. Milliseconds since 1970. */
export interface Clock {
  now(): number
  /** Resolves at that time, or when the signal is aborted. */
  until(time: number, signal: AbortSignal): Promise<void>
}

/** A clock may be set, and a machine may sleep: what is far away is looked at again each minute. */
const LOOK_MS = 60_000

export const hostClock: Clock = {
  now: () => Date.now(),
  async until(time, signal) {
    for (let left = time - Date.now(); left > 0 && !signal.aborted; left = time - Date.now()) {
      await delay(Math.min(left, LOOK_MS), undefined, { signal }).catch(() => undefined)
    }
  },
}
