import { Cron } from 'croner'
import { PipiError } from '../../../catalog/errors.ts'

/** The first time of a schedule (five cron fields, UTC) after another, both in milliseconds. Throws `input.invalid` for one that never comes. */
export function nextTime(schedule: string, after: number): number {
  const next = parsed(schedule).nextRun(new Date(after))
  if (next !== null) return next.getTime()
  throw new PipiError('input.invalid', `The schedule "${schedule}" never comes`, {
    hint: 'It names a day that no month has.',
  })
}

function parsed(schedule: string): Cron {
  try {
    return new Cron(schedule, { timezone: 'UTC', mode: '5-part' })
  } catch (cause) {
    throw new PipiError('input.invalid', `The schedule "${schedule}" is none: ${(cause as Error).message}`, {
      hint: 'Five fields: minute (0-59), hour (0-23), day (1-31), month (1-12), weekday (0-7), in UTC.',
      cause,
    })
  }
}
