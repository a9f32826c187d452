import { beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../../engines/contract/engine.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters, typesNamed } from '../demand/expected.ts'

const FUNCTION = 'gcp:cloudfunctionsv2/function:Function'
const BUCKET = 'gcp:storage/bucket:Bucket'
const INSTANCE = 'gcp:compute/instance:Instance'
const base = { name: 'f', location: 'us-central1', serviceConfig: { availableMemory: '256Mi', timeoutSeconds: 10 } }
const machine = {
  name: 'm',
  zone: 'us-east1-b',
  machineType: 'e2-micro',
  bootDisk: { initializeParams: { type: 'pd-standard', size: 20 } },
}
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('ggc')
})

describe('what Google Cloud resources take', () => {
  it('is bounded by expected use on both lists that a function is named on', () => {
    expect(amountsOf(demandOf(engine, FUNCTION, base))).toEqual({
      'gcp-cloud-run.requests': [20_000, 'watched'],
      // 20,000 × 10 s × 1/6 of a CPU
      'gcp-cloud-run.cpu': [33_333.333334, 'watched'],
      // 20,000 × 10 s × 0.25 GiB
      'gcp-cloud-run.memory': [50_000, 'watched'],
      'gcp-cloud-run.egress-from-North-America': [0.2, 'watched'],
      // 20,000 × 1000 bytes in GiB
      'gcp-logging.log-ingestion': [0.018627, 'watched'],
      'gcp-functions.invocations': [20_000, 'watched'],
      // 50,000 GiB-s in GB-s
      'gcp-functions.memory': [53_687.1, 'watched'],
      // 33,333.33 vCPU-s × 2.4 GHz
      'gcp-functions.cpu': [80_000, 'watched'],
      'gcp-cloud-build.build': [20, 'watched'],
      'gcp-artifact-registry.storage': [0.1, 'watched'],
    })
  })

  it('is no more than instances can do in a month, which is no proof: Google may start one more for a moment', () => {
    const small = { ...base, serviceConfig: { availableMemory: '128Mi', timeoutSeconds: 60 } }
    const answer = demandOf(engine, FUNCTION, small, { expect: { requests: 1_000_000, egressMb: 0 } })
    const amounts = amountsOf(answer)
    // 2 × 0.125 GiB × 2,678,400 s, where 1,000,000 × 60 s × 0.125 GiB would be more
    expect(amounts['gcp-cloud-run.memory']).toEqual([669_600, 'watched'])
    // 1,000,000 × 60 s × 1/12 of a CPU, where 2 × 2 CPUs of a start for a month would be more
    expect(amounts['gcp-cloud-run.cpu']).toEqual([5_000_000, 'watched'])
    const perHour = answer.ok ? answer.demand.amounts.map((one) => [one.meter, one.perHour]) : []
    // 2 instances at once for 3600 s: of 0.125 GiB, of 2 CPUs while starting, of 1/8 GB a second
    expect(Object.fromEntries(perHour)).toMatchObject({
      'gcp-cloud-run.memory': 900,
      'gcp-cloud-run.cpu': 14_400,
      'gcp-cloud-run.egress-from-North-America': 900,
    })
  })

  it('fills in no standing instance and one at most, also into a section that is there', () => {
    expect(engine.rules[FUNCTION]?.safe?.(base)).toEqual({
      ...base,
      serviceConfig: { ...base.serviceConfig, minInstanceCount: 0, maxInstanceCount: 1 },
    })
  })

  it.each([
    ['location', { location: 'europe-west1' }],
    ['serviceConfig.minInstanceCount', { serviceConfig: { minInstanceCount: 1, maxInstanceCount: 1 } }],
    ['serviceConfig.maxInstanceCount', { serviceConfig: { maxInstanceCount: 100 } }],
    ['serviceConfig.availableMemory', { serviceConfig: { availableMemory: 'lots' } }],
    ['serviceConfig.vpcConnector', { serviceConfig: { vpcConnector: 'c' } }],
    ['eventTrigger', { eventTrigger: { eventType: 'x' } }],
  ])('refuses a function whose %s is not free or not known', (property, inputs) => {
    expect(demandOf(engine, FUNCTION, { ...base, ...inputs })).toMatchObject({
      ok: false,
      code: 'lock.unsafe-input',
      message: expect.stringContaining(property),
    })
  })

  it('lets buckets stand in the three free regions only, in the standard class', () => {
    const bucket = { name: 'b', location: 'US-WEST1' }
    expect(amountsOf(demandOf(engine, BUCKET, bucket))).toEqual({ 'gcp-storage.class-a': [50, 'watched'] })
    for (const given of [
      { location: 'US' },
      { location: 'EUROPE-WEST1' },
      { location: undefined },
      { storageClass: 'NEARLINE' },
      { versioning: { enabled: true } },
      { autoclass: { enabled: true } },
    ]) {
      expect(demandOf(engine, BUCKET, { ...bucket, ...given }), JSON.stringify(given)).toMatchObject({
        code: 'lock.unsafe-input',
      })
    }
    expect(amountsOf(demandOf(engine, 'gcp:storage/bucketObject:BucketObject', { bucket: 'b', name: 'o' }))).toEqual({
      // 50 MiB
      'gcp-storage.storage': [0.052429, 'watched'],
      'gcp-storage.class-a': [10, 'watched'],
      'gcp-storage.class-b': [100, 'watched'],
    })
  })

  it('holds a whole month for the one small machine, and no address', () => {
    expect(amountsOf(demandOf(engine, INSTANCE, machine))).toEqual({
      'gcp-e2-micro.instance-hours': [744, 'proven'],
      'gcp-e2-micro.pd-standard': [20, 'proven'],
      'gcp-e2-micro.egress-from-North-America': [0.2, 'watched'],
    })
    expect(demandOf(engine, INSTANCE, { ...machine, networkInterfaces: [{ accessConfigs: [{}] }] })).toMatchObject({
      code: 'lock.over-limit',
      meter: 'gcp-e2-micro.external-ipv4',
    })
    for (const given of [
      { machineType: 'e2-small' },
      { zone: 'europe-west1-b' },
      { bootDisk: { initializeParams: { type: 'pd-balanced', size: 10 } } },
      { bootDisk: { initializeParams: { type: 'pd-standard', size: 31 } } },
    ]) {
      expect(demandOf(engine, INSTANCE, { ...machine, ...given }), JSON.stringify(given)).toMatchObject({
        code: 'lock.unsafe-input',
      })
    }
  })

  it('answers for every type that the facts name, refusing what is never free with its price', async () => {
    const { free, never, zero } = await typesNamed(engine)
    for (const type of [...free, ...never, ...zero]) expect(engine.rules[type], type).toBeDefined()
    for (const type of never)
      expect(demandOf(engine, type, {}), type).toMatchObject({ ok: false, code: 'lock.over-limit' })
    expect(demandOf(engine, 'gcp:container/cluster:Cluster', {})).toMatchObject({ code: 'lock.over-limit' })
    await expectKnownMeters(
      engine,
      [...free, ...zero].map((type) =>
        demandOf(engine, type, {
          ...base,
          ...machine,
          size: 10,
          template: { containers: [{}], scaling: { maxInstanceCount: 1 } },
        }),
      ),
    )
  })
})
