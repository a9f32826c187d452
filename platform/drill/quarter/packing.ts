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
  /** How often it was asked of. */
  times: number
  /** By other meter: the most of this one that came with one unit of that one, and how often they came together. */
  beside: Map<string, { most: number; times: number }>
  asked: number
  granted: number
  sums: { asked: number; best: number; granted: number; limit: number }
  peak: number
}

/**
 * How much of what was asked is granted, against the best that anybody could: in each hour no more than the limit less
 * what visitors have burned of it, no more than what was asked, and no more than can come with what is left of the other
 * meters that it needs. It is told what is asked and what stands, and knows no ledger. An upper bound: the best in fact
 * may be less, since workspaces cannot be cut in two.
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
    if (sign === 1) this.#compare(amounts)
  }

  /** It stands, or stands no longer. */
  stands(amounts: readonly Amount[], sign: 1 | -1): void {
    for (const each of amounts) this.#of(each).granted += sign * each.amount
  }

  /** An hour is over. `burned`: used up for good of a meter in its running period. */
  hour(burned: (meter: string) => number = () => 0): void {
    for (const [key, one] of this.#tallies) {
      const best = Math.min(one.asked, this.#fits(key, one, burned))
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

  /** What comes of each meter with one unit of each other one that is asked with it. */
  #compare(amounts: readonly Amount[]): void {
    const asked = [...new Map(amounts.map((each) => [keyOf(each), each])).values()].filter(({ amount }) => amount > 0)
    for (const one of asked) {
      const tally = this.#of(one)
      tally.times += 1
      for (const other of asked) {
        if (other === one) continue
        const known = tally.beside.get(keyOf(other)) ?? { most: 0, times: 0 }
        const most = Math.max(known.most, one.amount / other.amount)
        tally.beside.set(keyOf(other), { most, times: known.times + 1 })
      }
    }
  }

  /** How much of a meter there is room for, by what is left of it and of all that it comes with. */
  #fits(key: string, { limit, times, beside }: Tally, burned: (meter: string) => number): number {
    const left = (meter: string, of: number) => Math.max(0, of - burned(meter))
    let fits = left(key, limit)
    for (const [other, along] of beside) {
      const there = this.#tallies.get(other)
      // Some come without it: then it bounds nothing.
      if (there === undefined || there.limit === 0 || along.times < times) continue
      fits = Math.min(fits, left(other, there.limit) * along.most)
    }
    return fits
  }

  #of(amount: Amount): Tally {
    const key = keyOf(amount)
    const known = this.#tallies.get(key)
    if (known !== undefined) return known
    const made: Tally = {
      limit: this.#limits.get(amount.meter) ?? 0,
      times: 0,
      beside: new Map(),
      asked: 0,
      granted: 0,
      sums: { asked: 0, best: 0, granted: 0, limit: 0 },
      peak: 0,
    }
    this.#tallies.set(key, made)
    return made
  }
}
