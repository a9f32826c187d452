import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assign, type Waiting } from '../../../platform/commander/assign.ts'

const waiting = (id: string, account: string, engine = 'abc', waitedMs = 0): Waiting => ({
  id,
  account,
  engine,
  waitedMs,
})
const none = new Map<string, number>()

describe('the assignment', () => {
  it('gives an engine no more than it can begin', () => {
    const some = [waiting('d1', 'a', 'abc', 3), waiting('d2', 'a', 'abc', 2), waiting('d3', 'a', 'xyz', 1)]
    expect(assign({ waiting: some, free: new Map([['abc', 1]]), running: none })).toEqual(['d1'])
    expect(
      assign({
        waiting: some,
        free: new Map([
          ['abc', -1],
          ['xyz', 5],
        ]),
        running: none,
      }),
    ).toEqual(['d3'])
  })

  it('puts what is urgent before everything else, the longest waiting first, whatever its account has under way', () => {
    const some = [
      waiting('d1', 'a', 'abc', 9_000_000),
      { ...waiting('d2', 'busy', 'abc', 5), urgent: true },
      { ...waiting('d3', 'idle', 'abc', 1), urgent: true },
    ]
    const running = new Map([['busy', 50]])
    expect(assign({ waiting: some, free: new Map([['abc', 2]]), running })).toEqual(['d2', 'd3'])
  })

  it('lets accounts take turns, whoever came first', () => {
    const some = [
      waiting('a1', 'a', 'abc', 30),
      waiting('a2', 'a', 'abc', 20),
      waiting('a3', 'a', 'abc', 10),
      waiting('b1', 'b', 'abc', 1),
    ]
    expect(assign({ waiting: some, free: new Map([['abc', 3]]), running: none })).toEqual(['a1', 'b1', 'a2'])
  })

  it('puts the account behind that has most under way', () => {
    const some = [waiting('a1', 'a', 'abc', 20), waiting('b1', 'b', 'abc', 10)]
    expect(assign({ waiting: some, free: new Map([['abc', 1]]), running: new Map([['a', 2]]) })).toEqual(['b1'])
  })

  it('lets nobody starve: waiting weighs more with every minute', () => {
    const some = [waiting('a1', 'a', 'abc', 5 * 60_000), waiting('b1', 'b', 'abc', 0)]
    expect(assign({ waiting: some, free: new Map([['abc', 1]]), running: new Map([['a', 4]]) })).toEqual(['a1'])
  })

  it('never exceeds what is free, never assigns twice, and leaves nothing waiting beside a free place', () => {
    const engines = fc.constantFrom('abc', 'xyz', 'ggg')
    const some = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1 }),
        account: fc.constantFrom('a', 'b', 'c'),
        engine: engines,
        waitedMs: fc.nat(600_000),
      }),
      {
        selector: (one) => one.id,
        maxLength: 20,
      },
    )
    fc.assert(
      fc.property(some, fc.dictionary(engines, fc.integer({ min: -2, max: 5 })), (all, free) => {
        const chosen = assign({ waiting: all, free: new Map(Object.entries(free)), running: none })
        expect(new Set(chosen).size).toBe(chosen.length)
        for (const engine of ['abc', 'xyz', 'ggg']) {
          const asked = all.filter((one) => one.engine === engine).length
          const given = chosen.filter((id) => all.find((one) => one.id === id)?.engine === engine).length
          expect(given).toBe(Math.min(asked, Math.max(0, free[engine] ?? 0)))
        }
      }),
    )
  })
})
