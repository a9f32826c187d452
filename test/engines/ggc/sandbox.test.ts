import { describe, expect, it } from 'vitest'
import ggc from '../../../engines/ggc/sandbox/resources.ts'
import { account, charged, NOW, stored, typeOf, usage, worldWith } from '../stored.ts'

const FUNCTION = 'gcp:cloudfunctionsv2/function:Function'
const OBJECT = 'gcp:storage/bucketObject:BucketObject'
const bucket = stored('gcp:storage/bucket:Bucket', 'b', { inputs: { location: 'US-CENTRAL1' } })
const object = stored(OBJECT, 'b-o', {
  inputs: { bucket: 'b', source: { kept: 'ab'.repeat(32), size: 1e9 } },
  outputs: { name: 'o' },
})
const inputs = {
  name: 'f',
  location: 'us-central1',
  buildConfig: { runtime: 'nodejs22', entryPoint: 'handle', source: { storageSource: { bucket: 'b', object: 'o' } } },
  serviceConfig: {},
}

describe('the simulated Google Cloud', () => {
  it('bills the account behind the project', () => {
    const credentials = '{"client_email":"x"}'
    expect(ggc.identify({ credentials, project: 'pipi-sandbox-412907', region: 'us-east1' })).toEqual({
      cloudAccount: '01C4F2-8A1B6D-2E9F37',
      region: 'us-east1',
    })
    expect(ggc.identify({ credentials, project: 'another-project' }).cloudAccount).toMatch(
      /^[0-9A-F]{6}(-[0-9A-F]{6}){2}$/,
    )
    expect(() => ggc.identify({ project: 'p' })).toThrow('No credentials loaded')
    expect(() => ggc.identify({ credentials, project: 'X' })).toThrow('Invalid project ID')
  })

  it.each([
    [{ location: 'mars1' }, 'location'],
    [{ buildConfig: { runtime: 'nodejs8' } }, 'buildConfig.runtime'],
    [{ serviceConfig: { availableMemory: 'lots' } }, 'serviceConfig.availableMemory'],
    [{ serviceConfig: { environmentVariables: { PORT: '1' } } }, 'serviceConfig.environmentVariables'],
  ])('checks a function: %j', async (given, property) => {
    const { failures } = (await typeOf(ggc, FUNCTION).check?.({ ...inputs, ...given }, worldWith(ggc))) ?? {}
    expect(failures?.map((failure) => failure.property)).toEqual([property])
  })

  it('fails to build what was never uploaded', async () => {
    await expect(typeOf(ggc, FUNCTION).create(inputs, worldWith(ggc, [bucket]))).rejects.toThrow(
      'Could not fetch source gs://b/o',
    )
    await expect(typeOf(ggc, FUNCTION).create(inputs, worldWith(ggc, [bucket, object]))).resolves.toMatchObject({
      serve: { kind: 'handler', zip: 'ab'.repeat(32) },
    })
    await expect(typeOf(ggc, OBJECT).create({ bucket: 'gone', name: 'o' }, worldWith(ggc))).rejects.toThrow(
      'bucket does not exist',
    )
  })

  it('knows a function by the short form that an import takes', () => {
    const id = typeOf(ggc, FUNCTION).importId?.('us-east1/f', worldWith(ggc))
    expect(id).toMatch(/^projects\/.+\/locations\/us-east1\/functions\/f$/)
    expect(typeOf(ggc, FUNCTION).importId?.(id ?? '', worldWith(ggc))).toBe(id)
  })

  it('keeps a bucket with objects unless told to force it', async () => {
    const remove = (forceDestroy: boolean) =>
      typeOf(ggc, 'gcp:storage/bucket:Bucket').delete?.(
        { ...bucket, inputs: { forceDestroy } },
        worldWith(ggc, [object]),
      )
    await expect(remove(false)).rejects.toThrow('force_destroy')
    await expect(remove(true)).resolves.toBeUndefined()
  })
})

describe('the bill of Google Cloud', () => {
  const fn = (use: ReturnType<typeof usage>, serviceConfig: Record<string, unknown> = { availableMemory: '2Gi' }) =>
    stored(FUNCTION, 'f', { inputs: { serviceConfig, location: 'us-east1' }, usage: use })

  it('is nothing within the allowances', () => {
    expect(charged(ggc.bill(account([bucket, object, fn(usage(2_000_000, 1e9, 180_000_000))])))).toEqual({})
  })

  it('charges what is beyond them, by its own prices', () => {
    const lines = ggc.bill(account([fn(usage(3_000_000, 2e9, 200_000_000))]))
    expect(charged(lines)).toEqual({
      'Cloud Run requests': 0.4,
      // 20,000 vCPU-s × 0.000024
      'Cloud Run CPU': 0.48,
      // 40,000 GiB-s × 0.0000025
      'Cloud Run memory': 0.1,
      'Egress from North America': 0.12,
    })
  })

  it('charges standing instances, buckets elsewhere and other machines', () => {
    const elsewhere = { ...bucket, inputs: { location: 'EUROPE-WEST1' } }
    const machine = stored('gcp:compute/instance:Instance', 'm', {
      inputs: { machineType: 'n2-standard-2' },
      createdAt: NOW - 3_600_000,
    })
    const items = Object.keys(
      charged(ggc.bill(account([elsewhere, object, machine, fn({}, { availableMemory: '1Gi', minInstanceCount: 1 })]))),
    )
    expect(items).toEqual(['Storage elsewhere', 'Other disks', 'Compute Engine n2-standard-2', 'Minimum instances'])
  })

  it('charges what leaves from elsewhere, colder storage, large disks and addresses from the first unit', () => {
    const far = stored(FUNCTION, 'f', {
      inputs: { serviceConfig: {}, location: 'europe-west1' },
      usage: usage(1, 1e9, 1),
    })
    const cold = { ...bucket, inputs: { ...bucket.inputs, location: 'US-EAST1', storageClass: 'NEARLINE' } }
    const machine = stored('gcp:compute/instance:Instance', 'm', {
      inputs: {
        machineType: 'e2-micro',
        bootDisk: { initializeParams: { size: 100, type: 'pd-standard' } },
        networkInterfaces: [{ accessConfigs: [{}] }],
      },
      outputs: { zone: 'us-east1-b' },
      createdAt: Date.UTC(2026, 9, 1),
    })
    const lines = charged(ggc.bill(account([far, cold, object, machine])))
    expect(Object.keys(lines).sort()).toEqual([
      'Egress from elsewhere',
      'External address in use',
      'Standard disks',
      'Storage of colder classes',
    ])
    expect(lines['Egress from elsewhere']).toBe(0.12)
    // Half a month of 100 GB, of which 30 GB-months are free
    expect(lines['Standard disks']).toBeCloseTo((100 * (372 / 744) - 30) * 0.04, 6)
  })
})
