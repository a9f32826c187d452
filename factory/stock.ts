import type { CloneEnd, RunningClone } from './contract/spawner.ts'

/** Backs off from 0.5 s to 30 s while clones of an engine keep dying at birth. */
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 30_000
/** A clone that lived this long was born well: its end does not count against the next one. */
const GOOD_LIFE_MS = 20_000

/** What a clone gets to hand back its work when there is no time, milliseconds. */
const HASTY_MS = 4_000
/** For a clone that is given up to end by itself, milliseconds. */
const GIVE_UP_MS = 2_000

export interface StockEntry {
  readonly clone: RunningClone
  /** Milliseconds since the epoch. */
  readonly bornAt: number
  /** It has given a sign of life. */
  seen: boolean
  draining: boolean
  givenUp: boolean
}

/** The clones that this factory has started and that still run, and how its engines' births went. */
export class Stock {
  readonly #running = new Map<string, StockEntry>()
  readonly #births = new Map<string, { failures: number; notBefore: number; lastWords: string[] }>()

  /** Takes a clone in; `onEnd` is called once when it has ended and left the stock. */
  add(clone: RunningClone, onEnd: (end: CloneEnd) => void): void {
    const bornAt = Date.now()
    const entry: StockEntry = { clone, bornAt, seen: false, draining: false, givenUp: false }
    this.#running.set(clone.clone, entry)
    void clone.ended.then((end) => {
      this.#running.delete(clone.clone)
      if (entry.givenUp)
        this.birthFailed(clone.engine, end.lastWords.length > 0 ? end.lastWords : ['it gave no sign of life'])
      else if (end.expected || Date.now() - bornAt >= GOOD_LIFE_MS) this.#births.delete(clone.engine)
      else this.birthFailed(clone.engine, end.lastWords)
      onEnd(end)
    })
  }

  birthFailed(engine: string, lastWords: string[]): void {
    const failures = (this.#births.get(engine)?.failures ?? 0) + 1
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
    this.#births.set(engine, { failures, notBefore: Date.now() + wait, lastWords })
  }

  /** Milliseconds until this engine may be bred again; 0 when now. */
  waitMs(engine: string): number {
    return Math.max(0, (this.#births.get(engine)?.notBefore ?? 0) - Date.now())
  }

  /** Why clones of this engine keep ending, for people. Empty when they do not. */
  trouble(engine: string): { failures: number; lastWords: string[] } | undefined {
    return this.#births.get(engine)
  }

  of(engine: string): StockEntry[] {
    return [...this.#running.values()].filter((entry) => entry.clone.engine === engine)
  }

  drain(clone: string): boolean {
    const entry = this.#running.get(clone)
    if (!entry || entry.draining) return false
    entry.draining = true
    entry.clone.drain()
    return true
  }

  /** Ends a clone that was never seen alive; that counts as a failed birth. */
  giveUp(clone: string): void {
    const entry = this.#running.get(clone)
    if (!entry || entry.givenUp) return
    entry.givenUp = true
    entry.draining = true
    void entry.clone.stop(GIVE_UP_MS)
  }

  /** How many clones of an engine there are to be: those that live and are not leaving, at least `min`. */
  wanted(engine: string, min: number): number {
    return Math.max(min, this.of(engine).filter((entry) => !entry.draining).length)
  }

  /**
   * Ends all of them side by side. First each may finish what it works on, for the first half of `graceMs`; then it is
   * stopped and hands back what it cannot finish; at the end of `graceMs` it is ended. `hasten` leaves out the first half.
   */
  async stop(graceMs: number, hasten?: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.#running.values()].map(async ({ clone }) => {
        clone.drain()
        await withinOr(clone.ended, graceMs / 2, hasten)
        await clone.stop(hasten?.aborted ? Math.min(HASTY_MS, graceMs / 2) : graceMs / 2)
      }),
    )
  }
}

/** Resolves when `work` has, when the time is over, or when it is hastened. */
async function withinOr(work: Promise<unknown>, ms: number, hasten: AbortSignal | undefined): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const onHasten = () => resolve()
  if (hasten?.aborted) resolve()
  hasten?.addEventListener('abort', onHasten, { once: true })
  await Promise.race([work, over])
  clearTimeout(timer)
  hasten?.removeEventListener('abort', onHasten)
}
