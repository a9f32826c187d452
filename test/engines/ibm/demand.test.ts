import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { FREE_MB } from '../../../engines/ibm/registry.ts'
import { APP_SIZES } from '../../../engines/ibm/sizes.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters, typesNamed } from '../demand/expected.ts'
import { component } from '../use-cloud.ts'

const FUNCTION = 'ibm:codeengine/function:Function'
const fn = { project: 'us-south/1', name: 'demo', cpu: 0.25, memory: 1, timeout: 2, scaleDownDelay: 1 }
const APP = 'ibm:codeengine/app:App'
const app = {
  image_reference: `private.us.icr.io/demo/web@sha256:${'0'.repeat(64)}`,
  scale_cpu_limit: '0.25',
  scale_memory_limit: '0.5G',
}
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('ibm')
})

describe('what IBM Cloud resources take', () => {
  it('is the whole time that an instance may be charged for each expected request of a function', () => {
    const demand = demandOf(engine, FUNCTION, fn, { expect: { requests: 20_000, egressMb: 1 } })
    expect(amountsOf(demand)).toEqual({
      'ibm-code-engine.requests': [20_000, 'watched'],
      'ibm-code-engine.cpu': [15_000, 'watched'],
      'ibm-code-engine.memory': [60_000, 'watched'],
    })
    // A project runs 250 instances at most, of whatever it holds.
    const cpu = demand.ok ? demand.demand.amounts.find(({ meter }) => meter === 'ibm-code-engine.cpu') : undefined
    expect(cpu?.perHour).toBe(250 * 0.25 * 3600)
  })

  it('is refused for sizes that are none, calls that never end, and instances that are kept', () => {
    for (const wrong of [{ cpu: 2 }, { cpu: undefined }, { memory: 8 }, { timeout: 600 }, { scaleDownDelay: 600 }])
      expect(demandOf(engine, FUNCTION, { ...fn, ...wrong }), JSON.stringify(wrong)).toMatchObject({
        code: 'lock.unsafe-input',
      })
  })

  it('is for each expected request of an app all that it keeps an instance for, and no more than the month has', () => {
    // Started and answered within 30 s, a minute longer there, and 30 s to end.
    const few = demandOf(engine, APP, app, { expect: { requests: 1000, egressMb: 1 } })
    expect(amountsOf(few)).toEqual({
      'ibm-code-engine.requests': [1000, 'watched'],
      'ibm-code-engine.cpu': [30_000, 'watched'],
      'ibm-code-engine.memory': [60_000, 'watched'],
    })
    const perHour = (meter: string) =>
      few.ok ? few.demand.amounts.find((one) => one.meter === `ibm-code-engine.${meter}`)?.perHour : undefined
    // One that runs, and one that ends.
    expect([perHour('cpu'), perHour('memory')]).toEqual([2 * 0.25 * 3600, 2 * 0.5 * 3600])
    const many = demandOf(engine, APP, app, { expect: { requests: 90_000, egressMb: 1 } })
    expect(amountsOf(many)['ibm-code-engine.cpu']).toEqual([2 * 31 * 86_400 * 0.25, 'watched'])
    // All sizes that are offered are granted, and use up what is free in the same time by either meter.
    for (const { cpu, memory } of APP_SIZES) {
      const sized = { ...app, scale_cpu_limit: String(cpu), scale_memory_limit: `${memory}G` }
      expect(demandOf(engine, APP, sized, { expect: { requests: 1, egressMb: 1 } }), String(cpu)).toMatchObject({
        ok: true,
      })
      expect(memory / cpu).toBe(2)
    }
  })

  it('is refused of an app that is kept, has instances without a number, no size, or an image whose pulls count', () => {
    const pulled = app.image_reference.replace('private.', '')
    for (const wrong of [
      { scale_min_instances: 1 },
      { scale_max_instances: 0 },
      { scale_max_instances: 2 },
      { scale_down_delay: 60 },
      { scale_request_timeout: 300 },
      { scale_cpu_limit: undefined },
      { scale_memory_limit: '48G' },
    ])
      expect(demandOf(engine, APP, { ...app, ...wrong }), JSON.stringify(wrong)).toMatchObject({
        code: 'lock.unsafe-input',
      })
    expect(demandOf(engine, APP, { ...app, image_reference: pulled })).toMatchObject({
      code: 'lock.unbounded',
      meter: 'ibm-registry-free.pull-traffic',
    })
  })

  it('is the bytes of an image, and one namespace of a registry that stops at what is free', () => {
    const image = { repository: 'us.icr.io/demo/web', digest: '0'.repeat(64), bytes: 75_500_000 }
    expect(amountsOf(demandOf(engine, 'ibm:registry/image:Image', image))).toEqual({
      'ibm-registry-free.storage': [75.5, 'proven'],
    })
    // No more is held than the registry takes before it stops.
    const limits = engine.facts.services.find(({ id }) => id === 'ibm-registry-free')?.meters
    expect(limits?.map(({ limit }) => limit)).toEqual([FREE_MB.storage, FREE_MB.traffic / 1000])
    const namespace = { registry: 'de.icr.io', name: 'demo' }
    expect(demandOf(engine, 'ibm:registry/namespace:Namespace', namespace)).toMatchObject({
      demand: {
        amounts: [{ meter: 'ibm-registry-namespaces.namespaces', amount: 1, scope: 'eu-de', bound: 'proven' }],
      },
    })
    for (const wrong of [{ storageMb: 512 }, { trafficMb: -1 }, { registry: 'example.org' }])
      expect(demandOf(engine, 'ibm:registry/namespace:Namespace', { ...namespace, ...wrong })).toMatchObject({
        code: 'lock.unsafe-input',
      })
    expect(demandOf(engine, 'ibm:registry/image:Image', { ...image, bytes: undefined })).toMatchObject({ ok: false })
  })

  it('is one of twenty projects of a region, and the one Lite instance with all that it holds', () => {
    const project = demandOf(engine, 'ibm:codeengine/project:Project', { name: 'demo', region: 'eu-de' })
    expect(project).toMatchObject({ demand: { amounts: [{ amount: 1, scope: 'eu-de', bound: 'proven' }] } })
    const instance = { name: 'demo', region: 'us-south' }
    expect(amountsOf(demandOf(engine, 'ibm:cloudant/instance:Instance', { ...instance, plan: 'lite' }))).toEqual({
      'ibm-cloudant-lite.instances': [1, 'proven'],
      'ibm-cloudant-lite.storage': [1, 'proven'],
    })
    expect(demandOf(engine, 'ibm:cloudant/instance:Instance', { ...instance, plan: 'standard' })).toMatchObject({
      code: 'lock.unsafe-input',
      message: expect.stringContaining('plan'),
    })
    for (const type of ['instance:Instance', 'database:Database'])
      expect(engine.rules[`ibm:cloudant/${type}`]?.stateful, type).toBe(true)
  })

  it('answers for every type that the facts name', async () => {
    const { free, never } = await typesNamed(engine)
    for (const type of [...free, ...never]) expect(engine.rules[type], type).toBeDefined()
    for (const type of never)
      expect(demandOf(engine, type, {}), type).toMatchObject({ ok: false, code: 'lock.over-limit' })
    const place = { region: 'us-south', plan: 'lite', host: 'a.example.org', registry: 'us.icr.io', bytes: 1 }
    const inputs = { ...fn, ...app, ...place }
    await expectKnownMeters(
      engine,
      free.map((type) => demandOf(engine, type, inputs)),
    )
  })

  it('has a carrier for what is free and fits, and says why of everything else', () => {
    expect(Object.keys(engine.programs).sort()).toEqual(['container', 'database', 'function', 'service', 'site'])
    expect(Object.keys(engine.noCarrier).sort()).toEqual(['job', 'store'])
    const refused = (given: Parameters<typeof component>[0]) => engine.refuses?.(component(given))
    expect(refused({ kind: 'service', name: 'api', runtime: 'jvm' })).toContain('as a "container" with a JVM')
    const base = `example.org/jvm@sha256:${'0'.repeat(64)}`
    expect(refused({ kind: 'container', name: 'web', base, memoryMb: 3800 })).toBeUndefined()
    expect(refused({ kind: 'container', name: 'web', base, memoryMb: 8000 })).toContain('8000')
    expect(refused({ kind: 'service', name: 'api', memoryMb: 8000 })).toContain('8000')
    expect(refused({ kind: 'site', name: 'site', domains: ['lab.example.org'] })).toContain('certificate')
    expect(refused({ kind: 'database', name: 'data', model: 'relational' })).toContain('relational')
    expect(refused({ kind: 'database', name: 'data', model: 'document', sizeMb: 2000 })).toContain('2000')
    for (const model of ['document', 'key-value'])
      expect(refused({ kind: 'database', name: 'data', model })).toBeUndefined()
    expect(refused({ kind: 'service', name: 'api', memoryMb: 3800 })).toBeUndefined()
  })

  it('comes with advice on the failures that are common, and with none on others', () => {
    const advice = (failure: string) => engine.advises?.(failure)
    expect(advice('app web was not deployed: no_revision_ready')).toContain('PORT')
    expect(advice('DENIED: You have exceeded your storage quota. Delete one or more images')).toContain('smaller')
    expect(advice('the registry us.icr.io of this account is on the plan "Standard", which charges')).toContain(
      'region',
    )
    expect(advice('something else')).toBeUndefined()
  })
})
