import type { Times } from './times.ts'

/** Ends in a row, none of them after a steady run, from which on it is a loop. */
const LOOP = 5

/** How often a process has ended by itself, and how long it waits before it is started again. */
export class Ends {
  readonly #times: Pick<Times, 'restart' | 'longest' | 'steady'>
  #inRow = 0
  #last = ''
  #since = 0
  #healthySince: number | undefined
  /** All since the supervisor started. */
  count = 0

  constructor(times: Pick<Times, 'restart' | 'longest' | 'steady'>) {
    this.#times = times
  }

  healthy(): void {
    this.#healthySince = performance.now()
  }

  /** It ended, `ranMs` after it was healthy. Returns the milliseconds to wait: twice as long each time, up to the longest. */
  add(how: string, ranMs: number): number {
    const { restart, longest, steady } = this.#times
    if (ranMs > steady || this.#inRow === 0) [this.#inRow, this.#since] = [0, Date.now()]
    this.#healthySince = undefined
    this.count += 1
    this.#inRow += 1
    this.#last = how
    return Math.min(restart * 2 ** (this.#inRow - 1), longest)
  }

  /** That it ends again and again, in words; undefined when it does not. */
  trouble(): string | undefined {
    const steady = this.#healthySince !== undefined && performance.now() - this.#healthySince > this.#times.steady
    if (this.#inRow < LOOP || steady) return undefined
    const since = new Date(this.#since).toISOString()
    return `It ended ${this.#inRow} times since ${since} and is started again more and more rarely; last: it ${this.#last}.`
  }

  /** A new version: what the old one did says nothing of it. */
  forget(): void {
    this.#inRow = 0
  }
}
