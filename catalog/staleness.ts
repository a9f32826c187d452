import type { DemandAnswer } from './demand.ts'
import type { Platform } from './schema.ts'

const DAY_MS = 86_400_000

export interface Staleness {
  stale: boolean
  /** The day of the check, `YYYY-MM-DD`. */
  checked: string
  /** The last moment at which something may be granted on these facts, milliseconds. */
  until: number
  daysLeft: number
}

/** Whether a platform's facts may still be relied on at `now` (milliseconds). */
export function stalenessOf(platform: Platform, now: number): Staleness {
  const until = Date.parse(`${platform.checked}T00:00:00Z`) + platform.goodForDays * DAY_MS
  return { stale: now > until, checked: platform.checked, until, daysLeft: Math.floor((until - now) / DAY_MS) }
}

/** Why nothing is granted on these facts at `now`, or undefined while they hold. */
export function refusalOfStale(platform: Platform, now: number): Extract<DemandAnswer, { ok: false }> | undefined {
  const message = pastDate(platform, now)
  if (message === undefined) return undefined
  return {
    ok: false,
    code: 'lock.stale-facts',
    message,
    hint: `check catalog/${platform.code}.yaml against its sources and set its date`,
  }
}

/** What people are told of facts past their date, or undefined while they hold. */
export function pastDate(platform: Platform, now: number): string | undefined {
  const { stale, checked, until } = stalenessOf(platform, now)
  if (!stale) return undefined
  const last = new Date(until).toISOString().slice(0, 10)
  return `the facts about ${platform.name} were checked on ${checked} and hold until ${last}`
}
