import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters, typesNamed } from '../demand/expected.ts'

const APP = 'digitalocean:index/app:App'
const spec = { name: 'demo', region: 'nyc', staticSites: [{ name: 'site' }] }
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('dgo')
})

describe('what DigitalOcean resources take', () => {
  it('is one of three places and some transfer for an App with static sites', () => {
    expect(amountsOf(demandOf(engine, APP, { spec }))).toEqual({
      'do-static-sites.apps': [1, 'proven'],
      // 200,000,000 bytes in GiB
      'do-static-sites.transfer': [0.186265, 'watched'],
    })
  })

  it('is refused with any part that runs, in a place nobody knows, or without a site', () => {
    for (const part of ['services', 'workers', 'jobs', 'functions', 'databases', 'egresses', 'vpcs', 'somethingNew']) {
      expect(demandOf(engine, APP, { spec: { ...spec, [part]: [{ name: 'x' }] } }), part).toMatchObject({
        code: 'lock.unsafe-input',
        message: expect.stringContaining(part),
      })
    }
    expect(demandOf(engine, APP, { spec: { ...spec, services: [] } })).toMatchObject({ ok: true })
    expect(demandOf(engine, APP, { spec: { ...spec, region: 'mars' } })).toMatchObject({ code: 'lock.unsafe-input' })
    expect(demandOf(engine, APP, { spec: { name: 'demo' } })).toMatchObject({ code: 'lock.unsafe-input' })
    expect(demandOf(engine, APP, {})).toMatchObject({ code: 'lock.unsafe-input' })
  })

  it('is refused when one App would send more than its own gibibyte', () => {
    expect(demandOf(engine, APP, { spec }, { expect: { requests: 1, egressMb: 1073 } })).toMatchObject({ ok: true })
    expect(demandOf(engine, APP, { spec }, { expect: { requests: 1, egressMb: 1074 } })).toMatchObject({
      code: 'lock.over-limit',
      meter: 'do-static-sites.transfer',
    })
  })

  it('has no carrier for a service, and says why', () => {
    expect(Object.keys(engine.programs)).toEqual(['site'])
    expect(engine.noCarrier.service).toContain('5 USD')
  })

  it('answers for every type that the facts name, refusing what is never free with its price', async () => {
    const { free, never } = await typesNamed(engine)
    for (const type of [...free, ...never]) expect(engine.rules[type], type).toBeDefined()
    for (const type of never)
      expect(demandOf(engine, type, {}), type).toMatchObject({ ok: false, code: 'lock.over-limit' })
    expect(demandOf(engine, 'digitalocean:index/droplet:Droplet', {})).toMatchObject({
      message: expect.stringContaining('4/month'),
    })
    await expectKnownMeters(
      engine,
      free.map((type) => demandOf(engine, type, { spec, subscriptionTierSlug: 'starter' })),
    )
  })

  it('reads the list of Apps page by page, and refuses what is no such list', async () => {
    const rule = engine.rules[APP]
    const pages = [
      { apps: [{ id: '1', spec: { name: 'a' } }], links: { pages: { next: 'more' } } },
      { apps: [{ id: '2', spec: { name: 'demo' } }], links: {} },
    ]
    const asked: string[] = []
    const reader = (answers: unknown[]) => ({
      read: async () => undefined,
      invoke: async () => ({}),
      get: async (path: string) => answers[asked.push(path) - 1],
    })
    expect(await rule?.find({ name: 'demo' }, reader(pages), 'w1')).toBe('2')
    expect(asked).toEqual(['/v2/apps?page=1&per_page=200', '/v2/apps?page=2&per_page=200'])
    asked.length = 0
    await expect(rule?.find({ name: 'demo' }, reader([{ apps: 'none' }]), 'w1')).rejects.toMatchObject({
      code: 'provider.failed',
    })
  })
})
