/** What is known of one meter when it is judged. Amounts in its unit, times in milliseconds. */
export interface JudgedReading {
  /** What may be used: the free limit, and what money pays beyond it. */
  limit: number
  reading: number
  /** Up to when the reading goes. */
  until: number
  /** The last other total, and up to when the reading went that first said it. */
  before?: { total: number; until: number }
  /** When it was read, and now. */
  readAt: number
  now: number
  /** Until the next reading, at most. */
  everyMs: number
  /** How far behind the platform's figures are at most, and so for how long it may say the same. */
  delayMs: number
  /** All that lives on it is bounded by its own throttles: it may fill up, and cannot pass. */
  bounded: boolean
}

export interface ReadingVerdict {
  act: 'nothing' | 'warn' | 'trip'
  /** Of the limit, 1 is all of it. */
  share: number
  why: string
  /** It has not come to that yet, and may not. */
  foreseen?: true
}

export const WARN_AT = 0.8
const TRIP_AT = 0.95

/**
 * What a reading calls for. At 80 % somebody is told, at 95 % the kill switch acts; earlier where the growth since the
 * reading before says that the limit is passed before anybody can know: the reading is behind, and the next one comes
 * only later. What is bounded by its own throttles may stand at its limit, and is told of only beyond it.
 */
export function judgeReading(one: JudgedReading): ReadingVerdict {
  const share = one.limit > 0 ? one.reading / one.limit : one.reading > 0 ? Number.POSITIVE_INFINITY : 0
  const stands = `${percent(share)} of what may be used`
  if (one.bounded) return share > 1 ? { act: 'trip', share, why: stands } : { act: 'nothing', share, why: stands }
  if (share >= TRIP_AT) return { act: 'trip', share, why: stands }
  const foreseen = foresee(one)
  if (foreseen > one.limit) {
    return {
      act: 'trip',
      share,
      foreseen: true,
      why: `${stands}, and at this speed ${percent(foreseen / one.limit)} before the next reading is known`,
    }
  }
  return { act: share >= WARN_AT ? 'warn' : 'nothing', share, why: stands }
}

/**
 * What will have been used when the next reading is known, if it goes on as between the last two that differ; when that
 * one does not come, what has been by now. The growth is spread over the time in which it can have happened: no less
 * than between two looks, as a burst is no speed, and no more than the platform may be behind, as what slept may wake.
 */
function foresee({ reading, until, before, readAt, now, everyMs, delayMs }: JudgedReading): number {
  // Less than before: another period has begun in between.
  if (before === undefined || before.total > reading || before.until >= until) return reading
  const longest = Math.max(everyMs, delayMs)
  const speed = (reading - before.total) / Math.min(Math.max(until - before.until, everyMs), longest)
  const goesTo = until < readAt ? until : readAt - delayMs
  return reading + speed * (Math.max(readAt + everyMs, now) - goesTo)
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : 'more than nothing'
}
