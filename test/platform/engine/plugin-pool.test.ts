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

  it('end with their last user where the configuration will not come again', async () => {
    const made = factory()
    const pool = await openPool(made.start)
    const short = { lasting: false }
    const [a, same] = await Promise.all([pool.take('token-1', short), pool.take('token-1', short)])
    expect(a.one).toBe(same.one)
    a.release()
    expect(made.closed).toEqual([])
    same.release()
    await pool.close()
    expect(made.closed).toEqual([1])
  })

  it('are handed out to nobody once they end', async () => {
    const made = factory()
    const pool = await openPool(made.start)
    const { release } = await pool.take('a')
    await pool.close()
    await expect(pool.take('a')).rejects.toMatchObject({ code: 'platform.busy' })
    release()
    expect([made.count(), made.closed]).toEqual([1, [1]])
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
