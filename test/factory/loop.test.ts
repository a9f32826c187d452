import { describe, expect, it, onTestFinished } from 'vitest'
import type { CloneEnd, RunningClone } from '../../factory/contract/spawner.ts'
import { type FactoryOptions, runFactory } from '../../factory/loop.ts'
import type { EngineFigures } from '../../factory/scaling.ts'
import { waitFor } from '../helpers/wait-for.ts'

interface MadeUp extends RunningClone {
  end(end?: Partial<CloneEnd>): void
  drained: boolean
}

/** A factory over made-up clones: the real loop, stock and decision. */
function factory(figures: Map<string, EngineFigures>, change: Partial<FactoryOptions> = {}) {
  const born: MadeUp[] = []
  const gone: string[] = []
  const running = runFactory({
    policyFor: () => ({ min: 1, max: 2, breedAfterMs: 100, drainAfterMs: 100 }),
    everyMs: 3_600_000,
    figures: async () => [...figures.values()],
    onGone: async (clone) => {
      gone.push(clone)
    },
    log: () => undefined,
    spawner: {
      async spawn(engine, clone) {
        const { promise: ended, resolve } = Promise.withResolvers<CloneEnd>()
        const end: MadeUp['end'] = (given) =>
          resolve({ code: 0, signal: null, expected: false, lastWords: [], ...given })
        const made: MadeUp = {
          clone,
          engine,
          pid: 1,
          ended,
          end,
          drained: false,
          drain() {
            made.drained = true
          },
          async stop() {
            end({ expected: true })
          },
        }
        born.push(made)
        return made
      },
    },
    ...change,
  })
  onTestFinished(() => running.stop(0))
  return { running, born, gone }
}

const nothing = (engine: string): EngineFigures => ({ engine, waiting: 0, oldestWaitMs: 0, clones: [] })

describe('the factory', () => {
  it('breeds the least number of clones of each engine, and counts a newborn before its first heartbeat', async () => {
    const { running, born } = factory(
      new Map([
        ['abc', nothing('abc')],
        ['xyz', nothing('xyz')],
      ]),
    )
    await running.wake()
    await running.wake()
    expect(born.map((one) => one.engine).sort()).toEqual(['abc', 'xyz'])
  })

  it('breeds a second clone when deployments wait, and drains it when there is nothing to do', async () => {
    const figures = new Map([['abc', nothing('abc')]])
    const { running, born } = factory(figures)
    await running.wake()
    const [first] = born as [MadeUp]
    figures.set('abc', {
      engine: 'abc',
      waiting: 9,
      oldestWaitMs: 100,
      clones: [{ clone: first.clone, state: 'busy', idleMs: 0 }],
    })
    await running.wake()
    expect(born).toHaveLength(2)
    const second = born[1] as MadeUp
    const idle = [first, second].map((one, index) => ({
      clone: one.clone,
      state: 'idle' as const,
      idleMs: 100 + index,
    }))
    figures.set('abc', { ...nothing('abc'), clones: idle })
    await running.wake()
    await running.wake()
    expect([first.drained, second.drained]).toEqual([false, true])
  })

  it('replaces a clone that died, and says that it is gone', async () => {
    const { running, born, gone } = factory(new Map([['abc', nothing('abc')]]))
    await running.wake()
    born[0]?.end({ code: 1 })
    await waitFor('the death to be told', () => gone.length === 1)
    await waitFor('a new clone, after a moment', async () => {
      await running.wake()
      return born.length === 2
    })
  })

  it('waits longer and longer while clones die at birth, and says why', async () => {
    const { running, born } = factory(new Map([['abc', nothing('abc')]]))
    await running.wake()
    born[0]?.end({ code: 1, lastWords: ['no token'] })
    await waitFor('the death to be noted', () => running.stock.trouble('abc')?.failures === 1)
    expect(running.stock.waitMs('abc')).toBeGreaterThan(0)
    expect(running.stock.trouble('abc')?.lastWords).toEqual(['no token'])
    await running.wake()
    expect(born).toHaveLength(1)
  })

  it('gives up a clone that never gave a sign of life, and breeds another', async () => {
    const { running, born } = factory(new Map([['abc', nothing('abc')]]), { bornWithinMs: 0 })
    await running.wake()
    await running.wake()
    expect(await born[0]?.ended).toMatchObject({ expected: true })
    await waitFor(
      'it to count as a failed birth',
      () => running.stock.trouble('abc')?.lastWords[0] === 'it gave no sign of life',
    )
    await waitFor('another', async () => {
      await running.wake()
      return born.length > 1
    })
  })

  it('ends every clone when it stops, and breeds none afterwards', async () => {
    const { running, born } = factory(new Map([['abc', nothing('abc')]]))
    await running.wake()
    await running.stop(1_000)
    expect(await born[0]?.ended).toMatchObject({ expected: true })
    await running.wake()
    expect(born).toHaveLength(1)
  })
})
