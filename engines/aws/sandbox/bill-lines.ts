import type { BillLine, StoredResource } from '../../../stacks/contract/sandbox.ts'

const HOUR_MS = 3_600_000

export function line(resource: string, item: string, quantity: number, unit: string, amount: number): BillLine {
  return { resource, item, quantity, unit, amount }
}

/** An account's line: what is beyond an allowance has its price. */
export function beyondFree(item: string, quantity: number, unit: string, free: number, price: number): BillLine {
  return line('account', item, quantity, unit, Math.max(0, quantity - free) * price)
}

/** From its creation or the month's beginning to its end or `now` (milliseconds). */
export function hoursThisMonth(resource: StoredResource, now: number): number {
  const from = Math.max(monthStart(now), resource.createdAt)
  const to = Math.min(now, resource.deletedAt ?? now)
  return Math.max(0, to - from) / HOUR_MS
}

/** Milliseconds, UTC. */
export function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
