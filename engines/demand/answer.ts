import type { Amount, BoundClass, DemandAnswer } from '../../catalog/demand.ts'

/** The longest month: what is counted per month must fit in it. */
export const MONTH_S = 31 * 24 * 3600
export const MONTH_H = 31 * 24

export type Refusal = Extract<DemandAnswer, { ok: false }>

/** Known, and this is what it takes. No amounts: free of charge without a limit. */
export function takes(...amounts: Amount[]): DemandAnswer {
  return { ok: true, demand: { amounts } }
}

/** One line of a demand. `scope` is the region or project where the meter is counted per one. */
export function amount(meter: string, quantity: number, bound: BoundClass, because: string, scope = ''): Amount {
  return { meter, scope, amount: round(quantity), bound, because }
}

/** The same, with the most of it that native throttles let pass in an hour; the comment there names where they stand. */
export function atMost(of: Amount, perHour: number): Amount {
  return { ...of, perHour: round(perHour) }
}

/** The smallest of several bounds on one meter; of equal ones the one that is proven. */
export function least(...bounds: [Amount, ...Amount[]]): Amount {
  return bounds.reduce((best, next) =>
    next.amount < best.amount || (next.amount === best.amount && next.bound === 'proven') ? next : best,
  )
}

/** A known type with an input that is not free, or that nobody knows. */
export function unsafe(property: string, got: unknown, allowed: string): Refusal {
  const shown = got === undefined ? 'is not known' : `is ${JSON.stringify(got)}`
  return {
    ok: false,
    code: 'lock.unsafe-input',
    message: `${property} ${shown}, which is not free`,
    hint: `allowed: ${allowed}`,
  }
}

/** More than the platform gives one resource. */
export function overLimit(meter: string, message: string, hint: string): Refusal {
  return { ok: false, code: 'lock.over-limit', message, hint, meter }
}

/** Nothing in the resource's own settings holds a meter. */
export function unbounded(meter: string, message: string, hint: string): Refusal {
  return { ok: false, code: 'lock.unbounded', message, hint, meter }
}

/** To a millionth: amounts are compared and summed as decimals. */
function round(quantity: number): number {
  return Math.ceil(quantity * 1e6 - 1e-6) / 1e6
}
