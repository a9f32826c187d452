import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { PortPool } from '../../../../engines/pip/supervisor/ports.ts'

/** Neither handed out by a system nor by a supervisor of another test. */
const RANGE = { from: 18_700, to: 18_709 }

describe('the ports of supervisors on one machine', () => {
  let pools: PortPool[] = []
  afterEach(() => {
    for (const pool of pools) pool.close()
    pools = []
  })
  const open = (): PortPool => {
    const pool = new PortPool(RANGE)
    pools.push(pool)
    return pool
  }

  it('are never the same two, also while nobody listens there yet', async () => {
    const both = [open(), open()]
    // As many as there are, all wanted at once, all looked for from the same place.
    const taken = await Promise.all(Array.from({ length: 10 }, (_, index) => both[index % 2]?.take('demo')))
    expect(new Set(taken).size).toBe(10)
    await expect(open().take('demo')).rejects.toThrow('No port from 18700 to 18709 is free')
  })

  it('are had by another once they are given back, or their supervisor has ended', async () => {
    const [one, other] = [open(), open()]
    const port = await one.take('demo')
    one.give(port)
    expect(await other.take('demo')).toBe(port)
    other.close()
    expect(await one.take('demo')).toBe(port)
  })

  it('are looked for elsewhere by another supervisor, and in the same place by the same', async () => {
    const port = async (whose: string) => {
      const pool = new PortPool({ from: 18_000, to: 18_699 }, '127.0.0.1', whose)
      pools.push(pool)
      const taken = await pool.take('demo')
      pool.close()
      return taken
    }
    const [one, other] = [await port('one'), await port('other')]
    expect(other).not.toBe(one)
    expect([await port('one'), await port('other')]).toEqual([one, other])
  })

  it('are none that anybody else listens on', async () => {
    const pool = open()
    const port = await pool.take('demo')
    pool.give(port)
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    expect(await pool.take('demo')).not.toBe(port)
    server.close()
    await once(server, 'close')
  })
})
