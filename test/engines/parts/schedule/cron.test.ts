import { describe, expect, it } from 'vitest'
import { parseSchedule, runsAMonth, timesOf } from '../../../../engines/parts/schedule/cron.ts'

const at = (text: string): number => Date.parse(`${text}Z`)
const times = (schedule: string, from: string, to: string): string[] =>
  [...timesOf(parseSchedule(schedule), at(from), at(to))].map((one) => new Date(one).toISOString().slice(0, 16))

describe('the times of a schedule', () => {
  it('come after the one moment, up to and with the other', () => {
    expect(times('*/30 * * * *', '2026-03-01T10:00', '2026-03-01T11:00')).toEqual([
      '2026-03-01T10:30',
      '2026-03-01T11:00',
    ])
    expect(times('15 3 * * 1', '2026-03-01T00:00', '2026-03-15T00:00')).toEqual([
      '2026-03-02T03:15',
      '2026-03-09T03:15',
    ])
  })

  it('are those of either, where a day of the month and a weekday are given, as cron has it', () => {
    expect(times('0 0 13 * 5', '2026-03-01T00:00', '2026-03-21T00:00')).toEqual([
      '2026-03-06T00:00',
      '2026-03-13T00:00',
      '2026-03-20T00:00',
    ])
  })

  it('find the one day in four years, and Sunday under both of its numbers', () => {
    expect(times('0 12 29 2 *', '2026-01-01T00:00', '2034-01-01T00:00')).toEqual([
      '2028-02-29T12:00',
      '2032-02-29T12:00',
    ])
    expect(parseSchedule('0 0 * * 7')).toEqual(parseSchedule('0 0 * * 0'))
    expect(parseSchedule('0 0 * * 5-7').weekdays).toEqual([0, 5, 6])
  })

  it.each(['* * * *', '60 * * * *', '0 24 * * *', '5-1 * * * *', '*/0 * * * *', 'a * * * *', '0 0 0 * *'])(
    'are none for "%s", and it says what is wrong',
    (text) => {
      expect(() => parseSchedule(text)).toThrow(`the schedule "${text}" cannot be read`)
    },
  )
})

describe('the runs of a month', () => {
  it.each([
    ['* * * * *', 44_640],
    ['0 * * * *', 744],
    ['0 0 * * 1', 5],
    ['0 0 1,15 * *', 2],
    ['0 0 1,15 * 1', 7],
    ['0 0 1-20 * 1-6', 31],
  ])('of "%s" are never more than said', (text, most) => {
    const schedule = parseSchedule(text)
    expect(runsAMonth(schedule)).toBe(most)
    for (let month = 0; month < 12; month += 1) {
      const [from, until] = [Date.UTC(2026, month, 1) - 1, Date.UTC(2026, month + 1, 1) - 1]
      expect([...timesOf(schedule, from, until)].length).toBeLessThanOrEqual(most)
    }
  })
})
