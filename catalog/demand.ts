/** How well a meter is bounded for one resource; a resource's class is that of its worst meter. */
export type BoundClass = 'proven' | 'watched' | 'unbounded'

/** How much of one meter a resource takes, in the meter's unit, for the meter's whole period. */
export interface Amount {
  /** `<service id>.<meter name>` as in the catalogue, e.g. `aws-lambda.requests`. */
  meter: string
  /** What the meter is counted per, beside the cloud account: `` for the account, a region, or a project. */
  scope: string
  amount: number
  bound: BoundClass
  /**
   * The most it can take in an hour under its own settings and native throttles, in the meter's unit; for `watched`, since
   * the worst spend within the reader's delay comes of it. Without it a watched amount is bounded by nothing.
   */
  perHour?: number
  /** How the amount was reached, for people: `1 concurrent × 0.125 GB × 2678400 s`. */
  because: string
}

/** What one resource takes of which meters. An empty list says: known, and free without any limit. */
export interface Demand {
  amounts: Amount[]
}

/** The outcome of asking what a resource takes: a demand, or why it can never be free. */
export type DemandAnswer =
  /** `stale`: it stands on facts past their date, which the owner allowed; for people. */
  | { ok: true; demand: Demand; stale?: string }
  | {
      ok: false
      code: 'lock.unknown-type' | 'lock.unsafe-input' | 'lock.unbounded' | 'lock.over-limit' | 'lock.stale-facts'
      message: string
      hint: string
      meter?: string
    }

export function worstBound(amounts: readonly Amount[]): BoundClass {
  if (amounts.some((a) => a.bound === 'unbounded')) return 'unbounded'
  return amounts.some((a) => a.bound === 'watched') ? 'watched' : 'proven'
}
