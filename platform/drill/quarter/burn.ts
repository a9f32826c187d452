import type { Amount } from '../../../catalog/demand.ts'
import { keyOf } from './asked.ts'
import type { Size } from './lives.ts'

/** A workspace that has answered visitors. */
interface Used {
  workspace: string
  size: Size
  amounts: readonly Amount[]
}

/**
 * What visitors have used up for good at one cloud account in the running month, of which nothing stands any more: all
 * that was used of what is gone, and of what still stands what was used beyond what is granted for it. By what the
 * visitors themselves counted; no ledger is asked.
 */
export class Burn {
  #month = ''
  readonly #requests = new Map<string, number>()
  readonly #gone: Used[] = []

  /** A month (`YYYY-MM`) begins anew where it is another one. */
  turnTo(month: string): void {
    if (month === this.#month) return
    this.#month = month
    this.#requests.clear()
    this.#gone.length = 0
  }

  /** So many requests were answered for it. */
  came(workspace: string, requests: number): void {
    this.#requests.set(workspace, (this.#requests.get(workspace) ?? 0) + requests)
  }

  /** It stands no longer. */
  went(used: Used): void {
    if (this.#requests.has(used.workspace)) this.#gone.push(used)
  }

  /** By meter, where `standing` is what stands now. */
  beside(standing: readonly Used[]): (meter: string) => number {
    const burned = new Map<string, number>()
    const add = ({ workspace, size, amounts }: Used, granted: 0 | 1) => {
      const beyond = Math.max(0, (this.#requests.get(workspace) ?? 0) / size.requests - granted)
      // What is proven is bounded by its settings, however many come.
      for (const each of amounts) {
        if (each.bound === 'watched') burned.set(keyOf(each), (burned.get(keyOf(each)) ?? 0) + beyond * each.amount)
      }
    }
    for (const used of this.#gone) add(used, 0)
    for (const used of standing) add(used, 1)
    return (meter) => burned.get(meter) ?? 0
  }
}
