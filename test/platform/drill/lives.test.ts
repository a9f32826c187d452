import { describe, expect, it } from 'vitest'
import { type Ground, livesOf } from '../../../platform/drill/quarter/lives.ts'

const HOURS = 92 * 24
const ground = (over: Partial<Ground> = {}): Ground => ({
  cloudAccount: 'an-account',
  regions: ['here', 'there'],
  kinds: ['site', 'service'],
  lives: 400,
  quick: true,
  greedy: 4,
  shareOf: () => 1 / 3,
  monthlyOf: () => 0.001,
  ...over,
})

describe('the lives of a quarter', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(livesOf('one', HOURS, [ground()])).toEqual(livesOf('one', HOURS, [ground()]))
    expect(livesOf('one', HOURS, [ground()])).not.toEqual(livesOf('two', HOURS, [ground()]))
  })

  it('are as many as wanted, each with an end after its beginning and its changes in between', () => {
    const lives = livesOf('one', HOURS, [ground(), ground({ cloudAccount: 'another', lives: 7 })])
    expect(lives).toHaveLength(407)
    expect(lives.filter((life) => life.greedy)).toHaveLength(8)
    for (const { from, until, changes } of lives) {
      expect(until).toBeGreaterThan(from)
      for (const { at } of changes) expect(at > from && at < until).toBe(true)
    }
  })

  it('ask for more than fits at the tightest limit, and not for many times as much', () => {
    const hours = livesOf('one', HOURS, [ground()]).reduce((sum, { from, until }) => sum + (until - from) / 3, 0)
    expect(hours / HOURS).toBeGreaterThan(1)
    expect(hours / HOURS).toBeLessThan(2)
  })

  it('are small where so many come one after the other that a month would not do for larger ones', () => {
    const lives = livesOf('one', HOURS, [ground({ lives: 2_000, monthlyOf: ({ egressMb }) => egressMb / 3_000 })])
    expect(Math.max(...lives.map((life) => life.size.egressMb))).toBe(2)
  })
})
