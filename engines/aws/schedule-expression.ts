import { parseSchedule, type Schedule } from '../parts/schedule/cron.ts'

/**
 * Five fields of cron as an expression of EventBridge: six fields, weekdays from 1 (Sunday), and `?` in one of the two
 * fields for days. Every value is written out: steps and ranges mean something else there now and then.
 */
export function toExpression(schedule: string): string {
  const { minutes, hours, days, months, weekdays } = parseSchedule(schedule)
  const anyWeekday = weekdays.length === 7
  return `cron(${[
    listed(minutes, 60),
    listed(hours, 24),
    anyWeekday ? listed(days, 31) : '?',
    listed(months, 12),
    anyWeekday
      ? '?'
      : listed(
          weekdays.map((day) => day + 1),
          7,
        ),
    '*',
  ].join(' ')})`
}

/** Whether EventBridge can say it at all: it takes a day of the month or a weekday, not one of both. */
export function isExpressible(schedule: string): boolean {
  const { days, weekdays } = parseSchedule(schedule)
  return days.length === 31 || weekdays.length === 7
}

/** The schedule of an expression such as ours; undefined for what is written otherwise (rates, names, `L`, `#`, years). */
export function fromExpression(expression: string): Schedule | undefined {
  const fields = /^cron\(([\d*?, ]+)\)$/.exec(expression)?.[1]?.split(' ') ?? []
  const [minutes, hours, days, months, weekdays, years] = fields
  if (fields.length !== 6 || years !== '*' || (days === '?') === (weekdays === '?')) return undefined
  const shifted = weekdays
    ?.split(',')
    .map((day) => (day === '*' || day === '?' ? '*' : Number(day) - 1))
    .join(',')
  try {
    return parseSchedule([minutes, hours, days === '?' ? '*' : days, months, shifted].join(' '))
  } catch {
    // Out of range: EventBridge would refuse it, and so does who asks.
    return undefined
  }
}

function listed(values: number[], all: number): string {
  return values.length === all ? '*' : values.join(',')
}
