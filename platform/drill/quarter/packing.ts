import type { Amount } from '../../../catalog/demand.ts'
import { keyOf } from './asked.ts'

export interface MeterPacking {
  cloudAccount: string
  meter: string
  /** Sums over all hours, in the meter's unit × hours. */
  asked: number
  best: number
  granted: number
  limit: number
  /** Of what was best. */
  ratio: number
  /** Of the limit. */
  utilisation: number
  /** What was granted at most at once. */
  peak: number
}

interface Tally {
  limit: number
  asked: number
  granted: number
  sums: { asked: number; best: number; granted: number; limit: number }
  peak: number
}

/**
 * How much of what was asked is granted, against the best that anybody could: in each hour no more than the limit less
 * what visitors have burned of it, and no more than what was asked. It is told what is asked and what stands, and knows
 * no ledger. An upper bound: the best in fact may be less, since workspaces cannot be cut in two.
 */
export class Packing {
  readonly #cloudAccount: string
  readonly #limits: ReadonlyMap<string, number>
  readonly #tallies = new Map<string, Tally>()

  /** `limits` by meter. */
  constructor(cloudAccount: string, limits: ReadonlyMap<string, number>) {
    this.#cloudAccount = cloudAccount
    this.#limits = limits
  }

  /** Somebody wants, or no longer wants (`sign` -1), that much. */
  asks(amounts: readonly Amount[], sign: 1 | -1): void {
    for (const each of amounts) this.#of(each).asked += sign * each.amount
  }

  /** It stands, or stands no longer. */
  stands(amounts: readonly Amount[], sign: 1 | -1): void {
    for (const each of amounts) this.#of(each).granted += sign * each.amount
  }

  /** An hour is over. `burned`: used up for good of a meter in its running period. */
  hour(burned: (meter: string) => number = () => 0): void {
    for (const [key, one] of this.#tallies) {
      const free = Math.max(0, one.limit - burned(key))
      const best = Math.min(free, one.asked)
      one.sums.asked += one.asked
      one.sums.best += best
      // What stands by a promised end may be more at once than a whole period would bear: no merit beyond the best.
      one.sums.granted += Math.min(best, one.granted)
      one.sums.limit += one.limit
      one.peak = Math.max(one.peak, one.granted)
    }
  }

  /** Every meter that was asked of, the one that was fought for most first. */
  result(): MeterPacking[] {
    return [...this.#tallies]
      .map(([meter, { limit, sums, peak }]) => ({
        cloudAccount: this.#cloudAccount,
        meter,
        asked: sums.asked,
        best: sums.best,
        granted: sums.granted,
        limit,
        ratio: sums.best === 0 ? 1 : sums.granted / sums.best,
        utilisation: sums.limit === 0 ? 0 : sums.granted / sums.limit,
        peak,
      }))
      .sort((a, b) => b.best / (b.limit || 1) - a.best / (a.limit || 1))
  }

  #of(amount: Amount): Tally {
    const key = keyOf(amount)
    const known = this.#tallies.get(key)
    if (known !== undefined) return known
    const made: Tally = {
      limit: this.#limits.get(amount.meter) ?? 0,
      asked: 0,
      granted: 0,
      sums: { asked: 0, best: 0, granted: 0, limit: 0 },
      peak: 0,
    }
    this.#tallies.set(key, made)
    return made
  }
}
