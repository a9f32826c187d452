import { PipiError } from '../../../catalog/errors.ts'

/** The values of each of cron's five fields, sorted; a weekday is 0 (Sunday) to 6. */
export interface Schedule {
  minutes: number[]
  hours: number[]
  days: number[]
  months: number[]
  weekdays: number[]
}

const FIELDS = [
  ['minutes', 0, 59],
  ['hours', 0, 23],
  ['days', 1, 31],
  ['months', 1, 12],
  ['weekdays', 0, 7],
] as const

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Within eight years every day that there is comes by, also 29 February of a year that is none of a leap. */
const FARTHEST_DAYS = 8 * 366

/** Five fields with numbers, `*`, lists, ranges and steps. Throws `input.invalid`, naming the field. */
export function parseSchedule(text: string): Schedule {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== FIELDS.length) throw wrong(text, `expected five fields, got ${fields.length}`)
  const parsed = FIELDS.map(([name, least, most], at) => {
    const values = new Set((fields[at] ?? '').split(',').flatMap((part) => valuesOf(part, least, most, name, text)))
    return name === 'weekdays' ? [...new Set([...values].map((value) => value % 7))] : [...values]
  }).map((values) => values.sort((a, b) => a - b))
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = parsed
  return { minutes, hours, days, months, weekdays }
}

/** The times (UTC, milliseconds since 1970) after `after`, up to and with `until`, oldest first. */
export function* timesOf(schedule: Schedule, after: number, until: number): Generator<number> {
  const last = Math.min(until, after + FARTHEST_DAYS * DAY_MS)
  for (let day = Math.floor(after / DAY_MS) * DAY_MS; day <= last; day += DAY_MS) {
    if (!isOn(schedule, new Date(day))) continue
    for (const hour of schedule.hours) {
      for (const minute of schedule.minutes) {
        const at = day + (hour * 60 + minute) * MINUTE_MS
        if (at > after && at <= last) yield at
      }
    }
  }
}

/** The most runs that any calendar month can hold. */
export function runsAMonth({ minutes, hours, days, weekdays }: Schedule): number {
  const [everyDay, everyWeekday] = [days.length === 31, weekdays.length === 7]
  const [byDate, byWeekday] = [days.length, weekdays.length * 5]
  const most = everyDay ? (everyWeekday ? 31 : byWeekday) : everyWeekday ? byDate : byDate + byWeekday
  return minutes.length * hours.length * Math.min(31, most)
}

/** As cron has it: with both a day of the month and a weekday given, either is enough. */
function isOn({ days, months, weekdays }: Schedule, date: Date): boolean {
  if (!months.includes(date.getUTCMonth() + 1)) return false
  const [byDate, byWeekday] = [days.includes(date.getUTCDate()), weekdays.includes(date.getUTCDay())]
  return days.length < 31 && weekdays.length < 7 ? byDate || byWeekday : byDate && byWeekday
}

function valuesOf(part: string, least: number, most: number, name: string, text: string): number[] {
  const [, whole, from, to, step] = /^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part) ?? []
  if (whole === undefined && from === undefined) throw wrong(text, `"${part}" is none of its ${name}`)
  const first = whole === undefined ? Number(from) : least
  // Of weekdays 7 is another name for Sunday, which `*` holds already. A step from one number goes to the end.
  const end = name === 'weekdays' ? 6 : most
  const last = whole === undefined ? Number(to ?? (step === undefined ? from : end)) : end
  const by = Number(step ?? 1)
  if (first < least || last > most || first > last || by < 1) {
    throw wrong(text, `${name} are ${least} to ${most}, got "${part}"`)
  }
  const values: number[] = []
  for (let value = first; value <= last; value += by) values.push(value)
  return values
}

function wrong(text: string, why: string): PipiError {
  return new PipiError('input.invalid', `the schedule "${text}" cannot be read: ${why}`, {
    hint: 'write five fields (minute, hour, day, month, weekday; UTC), as "15 3 * * 1"',
  })
}
