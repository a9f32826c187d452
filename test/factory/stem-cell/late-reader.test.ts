import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../engines/scan.ts'
import { openWatchContext } from '../../../factory/stem-cell/watch/context.ts'

/** A look at a platform whose plugins are counted; nobody listens where they are said to be. */
async function look() {
  const engine = await loadEngine('dgo')
  const seen = { started: 0, released: 0 }
  const context = await openWatchContext({
    birth: {
      engine,
      credentials: { token: 'x' },
      platformApi: 'http://127.0.0.1:9',
      async upstreamsFor() {
        seen.started += 1
        const release = () => {
          seen.released += 1
        }
        return { addresses: { digitalocean: '127.0.0.1:9' }, release }
      },
    },
    upstreams: {},
    cloudAccount: { id: 'team-1', plan: 'free-parts', engine: 'dgo', consentWatched: true },
    now: Date.now(),
    signal: AbortSignal.timeout(20_000),
  })
  return { context, seen }
}

describe('a look at a platform', () => {
  it('starts no plugin where it asks none', async () => {
    const { context, seen } = await look()
    context.close()
    expect(seen).toEqual({ started: 0, released: 0 })
  })

  it('starts one with its first question, and lets go of it when it is over', async () => {
    const { context, seen } = await look()
    const ask = () => context.platform.invoke('digitalocean:index/getAccount:getAccount', {}).catch(() => undefined)
    await Promise.all([ask(), ask()])
    expect(seen).toEqual({ started: 1, released: 0 })
    context.close()
    await expect.poll(() => seen.released).toBe(1)
  })
})
