import { PipiError } from './errors.ts'
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

/** Throws `lock.stale-facts` when they may not. */
export function assertFresh(platform: Platform, now: number): void {
  const { stale, checked, until } = stalenessOf(platform, now)
  if (!stale) return
  throw new PipiError(
    'lock.stale-facts',
    `the facts about ${platform.name} were checked on ${checked} and hold until ${new Date(until).toISOString().slice(0, 10)}`,
    {
      hint: `check catalog/${platform.code}.yaml against its sources and set its date`,
      data: { platform: platform.code, checked },
    },
  )
}
