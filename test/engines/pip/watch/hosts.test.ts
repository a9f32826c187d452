import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../../engines/contract/engine.ts'
import type { WatchContext } from '../../../../engines/contract/watch.ts'
import { startProvider } from '../../../../engines/pip/provider/index.ts'
import { loadEngine } from '../../../../engines/scan.ts'
import { openWatchContext } from '../../../../factory/stem-cell/watch/context.ts'
import { atRegions } from '../../../../platform/start/machines.ts'
import { openHost, server, specFor } from '../supervisor/host.ts'

describe('watching several hosts', () => {
  let here: Awaited<ReturnType<typeof openHost>>
  let there: Awaited<ReturnType<typeof openHost>>
  let provider: Awaited<ReturnType<typeof startProvider>>
  let engine: Engine

  beforeAll(async () => {
    engine = await loadEngine('pip')
    here = await openHost()
    there = await openHost()
    const companions = { host: here.supervisor.address, 'lab-1': there.supervisor.address }
    provider = await startProvider({ companion: undefined, companions })
    await here.client.setProcess(await specFor(server('"here"'), { name: 'near' }))
    await there.client.setProcess(await specFor(server('"there"'), { name: 'far-one' }))
    await there.client.setProcess(await specFor({ 'index.html': 'page' }, { name: 'far-two', memory: 64 }))
  })
  afterAll(async () => {
    await provider.close()
    await here.supervisor.close()
    await there.supervisor.close()
  })

  async function watching<T>(regions: string[], look: (context: WatchContext) => Promise<T> | undefined) {
    const context = await openWatchContext({
      birth: { engine: atRegions(engine, regions), credentials: {}, platformApi: undefined },
      upstreams: { pip: provider.address },
      cloudAccount: { id: 'this-host', engine: 'pip', plan: 'own-host', consentWatched: false },
      now: Date.now(),
      signal: AbortSignal.timeout(60_000),
    })
    try {
      return await look(context)
    } finally {
      context.close()
    }
  }

  it('finds what each of them runs, in its region, and reads what it holds there', async () => {
    const regions = ['host', 'lab-1']
    const found = (await watching(regions, (context) => engine.watch.survey?.(context))) ?? []
    expect(found.map(({ id, region }) => `${region} ${id}`).sort()).toEqual([
      'host near',
      'lab-1 far-one',
      'lab-1 far-two',
    ])
    const usage = await watching(regions, (context) => engine.watch.usage?.(context))
    const ports = usage?.readings.filter(({ meter }) => meter === 'pip-host.ports')
    expect(ports?.map(({ scope, total }) => [scope, total])).toEqual([
      ['', 1],
      ['lab-1', 2],
    ])
  })

  it('reads the others where one is unknown, says so, and takes nothing for gone', async () => {
    const regions = ['host', 'lab-9']
    const usage = await watching(regions, (context) => engine.watch.usage?.(context))
    expect(new Set(usage?.readings.map(({ scope }) => scope))).toEqual(new Set(['']))
    const checked = await watching(regions, (context) => engine.watch.check?.(context))
    expect(checked?.findings).toContainEqual(
      expect.objectContaining({
        what: 'supervisor of lab-9',
        ok: false,
        guard: true,
        why: expect.stringContaining('"lab-9"'),
      }),
    )
    expect(checked?.findings).toContainEqual(expect.objectContaining({ what: 'supervisor', ok: true }))
    await expect(watching(regions, (context) => engine.watch.survey?.(context))).rejects.toThrow('"lab-9"')
  })
})
