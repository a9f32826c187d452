import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CloneFigures, type EngineFigures, type ScalingPolicy, scale } from '../../factory/scaling.ts'

const policy: ScalingPolicy = { min: 1, max: 2, breedAfterMs: 2_000, drainAfterMs: 10_000 }
const clone = (name: string, state: CloneFigures['state'], idleMs = 0): CloneFigures => ({ clone: name, state, idleMs })
const figures = (clones: CloneFigures[], waiting = 0, oldestWaitMs = 0): EngineFigures => ({
  engine: 'abc',
  waiting,
  oldestWaitMs,
  clones,
})

describe('the scaling decision', () => {
  it('keeps the least number of clones alive even when nothing waits', () => {
    expect(scale(figures([]), policy).act).toBe('breed')
    expect(scale(figures([clone('a', 'gone'), clone('b', 'draining')]), policy).act).toBe('breed')
    expect(scale(figures([clone('a', 'starting')]), policy).act).toBe('nothing')
  })

  it('breeds when a deployment has waited longer than the set time', () => {
    expect(scale(figures([clone('a', 'busy')], 11, 2_000), policy)).toMatchObject({ act: 'breed' })
  })

  it('does not breed for a wait that is still short', () => {
    expect(scale(figures([clone('a', 'busy')], 11, 1_999), policy).act).toBe('nothing')
  })

  it('breeds at once where nobody is there to end the wait, within the most', () => {
    const onDemand = { ...policy, min: 0 }
    expect(scale(figures([], 1, 0), onDemand)).toMatchObject({ act: 'breed' })
    expect(scale(figures([clone('a', 'starting')], 1, 0), onDemand).act).toBe('nothing')
    expect(scale(figures([], 0, 0), onDemand).act).toBe('nothing')
    expect(scale(figures([], 1, 0), { ...onDemand, max: 0 }).act).toBe('nothing')
  })

  it('wants one clone where the platform has to be looked at and none lives, within the most', () => {
    const onDemand = { ...policy, min: 0 }
    expect(scale({ ...figures([]), watchDue: true }, onDemand)).toMatchObject({
      act: 'breed',
      because: 'a watch is due',
    })
    expect(scale({ ...figures([clone('a', 'starting')]), watchDue: true }, onDemand).act).toBe('nothing')
    expect(scale({ ...figures([]), watchDue: true }, { ...onDemand, max: 0 }).act).toBe('nothing')
    expect(scale({ ...figures([]), watchDue: false }, onDemand).act).toBe('nothing')
  })

  it('does not breed beyond the most clones, nor while one is being born', () => {
    expect(scale(figures([clone('a', 'busy'), clone('b', 'busy')], 11, 60_000), policy).act).toBe('nothing')
    expect(scale(figures([clone('a', 'busy'), clone('b', 'starting')], 11, 60_000), { ...policy, max: 3 }).act).toBe(
      'nothing',
    )
  })

  it('drains the clone that has been idle longest once there is nothing to do', () => {
    expect(scale(figures([clone('a', 'idle', 12_000), clone('b', 'idle', 15_000)]), policy)).toMatchObject({
      act: 'drain',
      clone: 'b',
    })
  })

  it('does not drain the last clones, one that works, or one that has just ended its work', () => {
    expect(scale(figures([clone('a', 'idle', 60_000)]), policy).act).toBe('nothing')
    expect(scale(figures([clone('a', 'busy'), clone('b', 'busy')]), policy).act).toBe('nothing')
    expect(scale(figures([clone('a', 'busy'), clone('b', 'idle', 9_999)]), policy).act).toBe('nothing')
  })

  it('never drains a clone that is not idle, never falls below min or rises above max by its own decision', () => {
    const states = fc.constantFrom<CloneFigures['state']>('starting', 'idle', 'busy', 'draining', 'gone')
    const clones = fc.uniqueArray(
      fc.record({ clone: fc.string({ minLength: 1, maxLength: 5 }), state: states, idleMs: fc.nat(30_000) }),
      {
        selector: (one) => one.clone,
        maxLength: 6,
      },
    )
    fc.assert(
      fc.property(
        clones,
        fc.nat(20),
        fc.nat(10_000),
        fc.nat(2),
        fc.integer({ min: 2, max: 4 }),
        (some, waiting, wait, min, max) => {
          const decision = scale(figures(some, waiting, wait), { ...policy, min, max })
          const alive = some.filter((one) => one.state !== 'draining' && one.state !== 'gone').length
          if (decision.act === 'breed') expect(alive).toBeLessThan(max)
          if (decision.act === 'drain') {
            expect(alive).toBeGreaterThan(min)
            expect(waiting).toBe(0)
            expect(some.find((one) => one.clone === decision.clone)).toMatchObject({ state: 'idle' })
          }
        },
      ),
    )
  })
})
