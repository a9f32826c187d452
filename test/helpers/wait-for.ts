import { setTimeout as pause } from 'node:timers/promises'

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>

/**
 * Asks until the answer is truthy and gives it. What is thrown while asking counts as "not yet"; after `timeoutMs` the
 * error says what was waited for and what the last answer was.
 */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  { timeoutMs = 20_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Truthy<T>> {
  const started = performance.now()
  let last: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer) return answer as Truthy<T>
      last = answer
    } catch (error) {
      last = error
    }
    if (performance.now() - started > timeoutMs) {
      const shown = last instanceof Error ? `${last.name}: ${last.message}` : JSON.stringify(last)
      throw new Error(`waited ${timeoutMs} ms for ${what}; the last answer was ${shown}`, { cause: last })
    }
    await pause(everyMs)
  }
}
