import { describe, expect, it } from 'vitest'
import { Connections } from '../../../stacks/provider/connections.ts'
import { memoryCloud } from './memory-cloud.ts'

describe('the configuration of many connections', () => {
  it('is kept for the one that is in use, however many come and go beside it', async () => {
    const connections = new Connections(memoryCloud('memory'))
    await connections.configure('in use', { account: 'ours' })
    await connections.configure('left', { account: 'theirs' })
    const ours = await connections.of('in use')
    for (let n = 0; n < 5_000; n += 1) {
      await connections.configure(`run ${n}`, { account: `account-${n}` })
      if (n % 1_000 === 0) await connections.forChange('in use')
    }
    expect(await connections.of('in use')).toBe(ours)
    await expect(connections.of('left')).rejects.toThrow('was not configured on this connection')
  })
})
