import { describe, expect, it } from 'vitest'
import { openPool } from '../../../platform/engine/plugin-pool.ts'

/** What a pool starts, by number, and which of them were closed. */
function factory() {
  const closed: number[] = []
  let started = 0
  return {
    closed,
    count: () => started,
    start: async () => {
      const number = ++started
      return { number, close: async () => void closed.push(number) }
    },
  }
}

describe('processes that keep one configuration each', () => {
  it('are never shared by two configurations, and always by one', async () => {
    const made = factory()
    const pool = await openPool(made.start)
    expect(made.count()).toBe(1)
    const [first, same, other] = await Promise.all([pool.take('a'), pool.take('a'), pool.take('b')])
    expect(first.one).toBe(same.one)
    expect(other.one).not.toBe(first.one)
    // The one that waited is the first one's; nobody starts more than are needed.
    expect([first.one.number, made.count()]).toEqual([1, 2])
    await pool.close()
    expect(made.closed.sort()).toEqual([1, 2])
  })

  it('stay warm when nobody uses them, but for those that were used longest ago', async () => {
    const made = factory()
    const pool = await openPool(made.start, 1)
    const [a, b] = [await pool.take('a'), await pool.take('b')]
    a.release()
    a.release()
    expect((await pool.take('a')).one).toBe(a.one)
    b.release()
    const c = await pool.take('c')
    c.release()
    await pool.close()
    expect(made.closed[0]).toBe(b.one.number)
  })

  it('that did not start are tried anew', async () => {
    let works = true
    const made = factory()
    const pool = await openPool(async () => {
      if (!works) throw new Error('it does not start')
      return made.start()
    })
    await pool.take('a')
    works = false
    await expect(pool.take('b')).rejects.toThrow('it does not start')
    works = true
    expect((await pool.take('b')).one.number).toBe(2)
    await pool.close()
  })
})
