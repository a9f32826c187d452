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

  it('takes the platform for as far behind as its figures are, when that is more than it says', () => {
    const slow = { reading: 300, until: NOW - 60 * MINUTE, before: { total: 200, until: NOW - 65 * MINUTE } }
    expect(judgeReading(reading(slow)).act).toBe('trip')
    expect(
      judgeReading(reading({ ...slow, until: NOW - 10 * MINUTE, before: { total: 200, until: NOW - 15 * MINUTE } }))
        .act,
    ).toBe('nothing')
  })

  it('does not take a burst between two looks in quick succession for a speed', () => {
    const before = { total: 100, until: NOW - 10 * MINUTE - 1_000 }
    expect(judgeReading(reading({ reading: 150, before })).act).toBe('nothing')
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
