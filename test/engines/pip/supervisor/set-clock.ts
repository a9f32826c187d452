import type { Clock } from '../../../../engines/pip/supervisor/clock.ts'

/** A clock that stands still until it is set. */
export class SetClock implements Clock {
  #time: number
  readonly #waiting = new Set<() => void>()

  constructor(time: string) {
    this.#time = Date.parse(time)
  }

  now(): number {
    return this.#time
  }

  set(time: string): void {
    this.#time = Date.parse(time)
    for (const look of [...this.#waiting]) look()
  }

  until(time: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#time < time && !signal.aborted) return
        this.#waiting.delete(look)
        signal.removeEventListener('abort', look)
        resolve()
      }
      this.#waiting.add(look)
      signal.addEventListener('abort', look)
      look()
    })
  }
}
