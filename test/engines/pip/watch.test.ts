import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import type { WatchContext } from '../../../engines/contract/watch.ts'
import { startProvider } from '../../../engines/pip/provider/index.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { openWatchContext } from '../../../factory/stem-cell/watch/context.ts'
import { openHost, server, specFor, textOf } from './supervisor/host.ts'

describe('watching a host of one’s own', () => {
  let engine: Engine
  let host: Awaited<ReturnType<typeof openHost>>
  let provider: Awaited<ReturnType<typeof startProvider>>
  let context: WatchContext & { close(): void }

  beforeEach(async () => {
    engine = await loadEngine('pip')
    host = await openHost()
    provider = await startProvider({ companion: host.supervisor.address })
    context = await openWatchContext({
      birth: { engine, credentials: {}, platformApi: undefined },
      upstreams: { pip: provider.address },
      cloudAccount: { id: 'this-host', engine: 'pip', plan: 'own-host', consentWatched: false },
      now: Date.now(),
      signal: AbortSignal.timeout(60_000),
    })
  })
  afterEach(async () => {
    context.close()
    await provider.close()
    await host.supervisor.close()
  })

  it('finds every process with the demand that it was granted, whose it is, and no word of its environment', async () => {
    const spec = await specFor(server("'hi'"), {
      environment: { SECRET: 'canary-7c1' },
      labels: { 'pipi-workspace': 'w-1', 'pipi-urn': 'abc' },
    })
    await host.client.setProcess(spec)
    const found = (await engine.watch.survey?.(context)) ?? []
    expect(found).toMatchObject([{ id: 'demo', region: 'host', owner: { workspace: 'w-1', urn: 'abc' } }])
    expect(JSON.stringify(found)).not.toContain('canary')
    const rule = engine.rules['pip:host/process:Process']
    const place = { plan: 'own-host', region: 'host', expect: { requests: 0, egressMb: 0 } }
    expect(rule?.demand(found[0]?.inputs ?? {}, place)).toEqual(rule?.demand({ ...spec }, place))
  })

  it('reads what processes hold, and that its supervisor answers', async () => {
    await host.client.setProcess(await specFor(server("'hi'")))
    const { readings } = (await engine.watch.usage?.(context)) ?? { readings: [] }
    const total = (meter: string) => readings.find((one) => one.meter === `pip-host.${meter}`)?.total
    expect(total('memory')).toBeGreaterThan(0)
    expect(total('disk')).toBe(3)
    expect(total('ports')).toBe(1)
    const checked = await engine.watch.check?.(context)
    expect(checked?.findings[0]).toMatchObject({ what: 'supervisor', ok: true })
  })

  it('lets a suspended process stand still behind its port, also after a restart, and brings it back', async () => {
    const spec = await specFor(server("'hi'"))
    const { url } = await host.client.setProcess(spec)
    expect(await textOf(url)).toBe('hi')
    const still = engine.rules['pip:host/process:Process']?.suspended?.({ ...spec }) as typeof spec
    expect(await host.client.setProcess(still)).toMatchObject({ state: 'stopped', url, memory: 0 })
    expect((await fetch(url)).status).toBe(503)
    await host.supervisor.close()
    host = await openHost({}, host.folder)
    expect(await host.client.process('demo')).toMatchObject({ state: 'stopped' })
    expect((await fetch(url)).status).toBe(503)
    expect(await host.client.setProcess(spec)).toMatchObject({ state: 'running', url })
    expect(await textOf(url)).toBe('hi')
  })
})
