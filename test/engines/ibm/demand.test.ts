import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters, typesNamed } from '../demand/expected.ts'
import { component } from '../use-cloud.ts'

const FUNCTION = 'ibm:codeengine/function:Function'
const fn = { project: 'us-south/1', name: 'demo', cpu: 0.25, memory: 1, timeout: 2, scaleDownDelay: 1 }
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
    const inputs = { ...fn, region: 'us-south', plan: 'lite', host: 'a.example.org' }
    await expectKnownMeters(
      engine,
      free.filter((type) => !type.endsWith(':App')).map((type) => demandOf(engine, type, inputs)),
    )
  })

  it('has a carrier for what is free and fits, and says why of everything else', () => {
    expect(Object.keys(engine.programs).sort()).toEqual(['database', 'function', 'service', 'site'])
    expect(Object.keys(engine.noCarrier).sort()).toEqual(['container', 'job', 'store'])
    const refused = (given: Parameters<typeof component>[0]) => engine.refuses?.(component(given))
    expect(refused({ kind: 'service', name: 'api', runtime: 'jvm' })).toContain('JVM')
    expect(refused({ kind: 'service', name: 'api', memoryMb: 8000 })).toContain('8000')
    expect(refused({ kind: 'site', name: 'site', domains: ['lab.example.org'] })).toContain('certificate')
    expect(refused({ kind: 'database', name: 'data', model: 'relational' })).toContain('relational')
    expect(refused({ kind: 'database', name: 'data', model: 'document', sizeMb: 2000 })).toContain('2000')
    for (const model of ['document', 'key-value'])
      expect(refused({ kind: 'database', name: 'data', model })).toBeUndefined()
    expect(refused({ kind: 'service', name: 'api', memoryMb: 3800 })).toBeUndefined()
  })
})
