import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JudgedReading, judgeReading } from '../../../platform/commander/judge-reading.ts'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 10, 20)

/** A meter of 1000 a month that is read every 5 minutes and is 10 minutes behind. */
const reading = (change: Partial<JudgedReading>): JudgedReading => ({
  limit: 1000,
  reading: 0,
  until: NOW - 10 * MINUTE,
  readAt: NOW,
  now: NOW,
  everyMs: 5 * MINUTE,
  delayMs: 10 * MINUTE,
  bounded: false,
  ...change,
})

describe('what a reading calls for', () => {
  it('is nothing below 80 %, a warning from there on, the kill switch from 95 % on', () => {
    expect(judgeReading(reading({ reading: 799 })).act).toBe('nothing')
    expect(judgeReading(reading({ reading: 800 })).act).toBe('warn')
    expect(judgeReading(reading({ reading: 949 })).act).toBe('warn')
    expect(judgeReading(reading({ reading: 950 })).act).toBe('trip')
  })

  it('is the kill switch far below that, when the limit is passed before the next reading is known', () => {
    const before = { total: 100, until: NOW - 15 * MINUTE }
    // 300 in 5 minutes, and 15 more pass before anybody can know: 400 + 900.
    expect(judgeReading(reading({ reading: 400, before }))).toMatchObject({
      act: 'trip',
      why: '40 % of what may be used, and at this speed 130 % before the next reading is known',
    })
    // 150 in 5 minutes: 250 + 450.
    expect(judgeReading(reading({ reading: 250, before })).act).toBe('nothing')
  })

  it('goes by what the reading itself says of how far behind it is, else by what the reader is known for', () => {
    const before = (until: number) => ({ total: 200, until: until - 5 * MINUTE })
    const dated = (until: number) =>
      judgeReading(reading({ reading: 300, until, before: before(until), delayMs: 60 * MINUTE })).act
    expect(dated(NOW - 10 * MINUTE)).toBe('nothing')
    expect(dated(NOW - 60 * MINUTE)).toBe('trip')
    expect(dated(NOW)).toBe('trip')
  })

  it('foresees more and more while the next reading does not come', () => {
    const slow = { reading: 300, before: { total: 200, until: NOW - 15 * MINUTE } }
    expect(judgeReading(reading(slow)).act).toBe('nothing')
    expect(judgeReading(reading({ ...slow, now: NOW + 4 * MINUTE })).act).toBe('nothing')
    expect(judgeReading(reading({ ...slow, now: NOW + 60 * MINUTE })).act).toBe('trip')
  })

  it('does not take a burst between two looks in quick succession for a speed', () => {
    const before = { total: 100, until: NOW - 10 * MINUTE - 1_000 }
    expect(judgeReading(reading({ reading: 150, before })).act).toBe('nothing')
  })

  it('spreads a jump over the day that a platform says it in, and never over longer', () => {
    const jump = { reading: 300, everyMs: 5 * MINUTE, delayMs: 24 * 60 * MINUTE, until: NOW - 24 * 60 * MINUTE }
    const daysBack = (daysAgo: number) => ({ total: 200, until: NOW - (1 + daysAgo) * 24 * 60 * MINUTE })
    // 100 a day, and 1 day behind: 400 in all.
    expect(judgeReading(reading({ ...jump, before: daysBack(1) })).act).toBe('nothing')
    expect(judgeReading(reading({ ...jump, limit: 399, before: daysBack(1) })).act).toBe('trip')
    // Silent for a month, then 100 within the last day.
    expect(judgeReading(reading({ ...jump, limit: 399, before: daysBack(20) })).act).toBe('trip')
  })

  it('foresees nothing over the beginning of a new period', () => {
    expect(judgeReading(reading({ reading: 100, before: { total: 900, until: NOW - 15 * MINUTE } })).act).toBe(
      'nothing',
    )
  })

  it('lets what is bounded by its own throttles stand at its limit, and not beyond', () => {
    expect(judgeReading(reading({ reading: 1000, bounded: true })).act).toBe('nothing')
    expect(judgeReading(reading({ reading: 1001, bounded: true })).act).toBe('trip')
  })

  it('calls any use of what is not free at all too much', () => {
    expect(judgeReading(reading({ limit: 0, reading: 0 })).act).toBe('nothing')
    expect(judgeReading(reading({ limit: 0, reading: 0.001 })).act).toBe('trip')
  })

  it('never gets milder when more was used', () => {
    const severity = { nothing: 0, warn: 1, trip: 2 }
    const amount = fc.double({ min: 0, max: 2000, noNaN: true })
    fc.assert(
      fc.property(amount, amount, amount, fc.boolean(), (one, other, total, bounded) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)]
        const before = { total: Math.min(total, less), until: NOW - 15 * MINUTE }
        const of = (used: number) => severity[judgeReading(reading({ reading: used, before, bounded })).act]
        expect(of(more)).toBeGreaterThanOrEqual(of(less))
      }),
    )
  })
})
