import { beforeAll, describe, expect, it } from 'vitest'
import { componentSchema } from '../../../engines/contract/component.ts'
import type { Engine } from '../../../engines/contract/engine.ts'
import { shapeFor } from '../../../engines/ora/machine/size.ts'
import { loadEngine } from '../../../engines/scan.ts'
import { amountsOf, demandOf, expectKnownMeters, typesNamed } from '../demand/expected.ts'

const INSTANCE = 'oci:Core/instance:Instance'
const a1 = {
  shape: 'VM.Standard.A1.Flex',
  shapeConfig: { ocpus: 2, memoryInGbs: 12 },
  sourceDetails: { sourceType: 'image', sourceId: 'x' },
}
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine('ora')
})

describe('what Oracle Cloud resources take', () => {
  it('is hours, cores, memory and a boot volume for a machine of the free shape', () => {
    expect(amountsOf(demandOf(engine, INSTANCE, a1))).toEqual({
      'oci-a1.ocpu-hours': [1488, 'proven'],
      'oci-a1.memory-hours': [8928, 'proven'],
      'oci-a1.ocpus': [2, 'proven'],
      'oci-a1.memory': [12, 'proven'],
      'oci-a1.instances': [1, 'proven'],
      'oci-block.boot+block': [50, 'proven'],
      'oci-egress.outbound': [0.0002, 'watched'],
    })
    expect(amountsOf(demandOf(engine, INSTANCE, { ...a1, shape: 'VM.Standard.E2.1.Micro' }))).toMatchObject({
      'oci-e2-micro.instances': [1, 'proven'],
    })
  })

  it.each([
    [INSTANCE, { ...a1, shape: 'VM.Standard.E4.Flex' }, 'shape'],
    [INSTANCE, { ...a1, shape: 7 }, 'shape'],
    [INSTANCE, { ...a1, shapeConfig: { ocpus: 3, memoryInGbs: 12 } }, 'ocpus'],
    [INSTANCE, { ...a1, shapeConfig: { ocpus: 2 } }, 'memoryInGbs'],
    [INSTANCE, { ...a1, sourceDetails: undefined }, 'sourceType'],
    [INSTANCE, { ...a1, preemptibleInstanceConfig: {} }, 'preemptible'],
    [
      INSTANCE,
      { ...a1, sourceDetails: { sourceType: 'image', bootVolumeSizeInGbs: '50', bootVolumeVpusPerGb: '20' } },
      'Vpus',
    ],
    ['oci:Core/volume:Volume', { sizeInGbs: '201' }, 'sizeInGbs'],
    ['oci:Core/volume:Volume', { sizeInGbs: '50', vpusPerGb: '20' }, 'vpusPerGb'],
    ['oci:Core/volume:Volume', { sizeInGbs: '50', backupPolicyId: 'gold' }, 'backupPolicyId'],
    ['oci:Core/volume:Volume', {}, 'sizeInGbs'],
    ['oci:Database/autonomousDatabase:AutonomousDatabase', { isFreeTier: false }, 'isFreeTier'],
    ['oci:Database/autonomousDatabase:AutonomousDatabase', { isAutoScalingEnabled: true }, 'isAutoScaling'],
    ['oci:Mysql/mysqlDbSystem:MysqlDbSystem', { shapeName: 'MySQL.2' }, 'shapeName'],
    ['oci:LoadBalancer/loadBalancer:LoadBalancer', { shape: '100Mbps' }, 'shape'],
    ['oci:Kms/vault:Vault', { vaultType: 'VIRTUAL_PRIVATE' }, 'vaultType'],
    ['oci:Kms/key:Key', { isAutoRotationEnabled: true }, 'isAutoRotationEnabled'],
    ['oci:ObjectStorage/bucket:Bucket', { versioning: 'Enabled' }, 'versioning'],
    ['oci:Nosql/table:Table', { tableLimits: { maxReadUnits: 1, maxWriteUnits: 1, maxStorageInGbs: 1 } }, 'region'],
  ])('is refused for %s with %j', (type, inputs, property) => {
    expect(demandOf(engine, type, inputs)).toMatchObject({
      code: 'lock.unsafe-input',
      message: expect.stringContaining(property),
    })
  })

  it('is proven for a table, whose units are reads and writes a second', () => {
    const tableLimits = { maxReadUnits: 10, maxWriteUnits: 5, maxStorageInGbs: 25 }
    expect(amountsOf(demandOf(engine, 'oci:Nosql/table:Table', { tableLimits }, { region: 'us-phoenix-1' }))).toEqual({
      'oci-nosql.tables': [1, 'proven'],
      'oci-nosql.reads': [26_784_000, 'proven'],
      'oci-nosql.writes': [13_392_000, 'proven'],
    })
  })

  it('answers for every type that the facts name', async () => {
    const { free, never, zero } = await typesNamed(engine)
    const answers = [...free, ...never, ...zero].map((type) => {
      expect(engine.rules[type], type).toBeDefined()
      return demandOf(engine, type, type === INSTANCE ? a1 : { sizeInGbs: '50' })
    })
    for (const type of never) expect(demandOf(engine, type, {}), type).toMatchObject({ ok: false })
    await expectKnownMeters(engine, answers)
  })

  it('is what a bucket says it will hold and be asked, where it says so', () => {
    const freeformTags = { 'pipi-gb': '0.05', 'pipi-requests': '500' }
    expect(amountsOf(demandOf(engine, 'oci:ObjectStorage/bucket:Bucket', { freeformTags }))).toEqual({
      'oci-object.storage': [0.05, 'watched'],
      'oci-object.api-requests': [500, 'watched'],
    })
  })

  it("is users' data in a bucket, but not in the one of releases, nor on a machine", () => {
    const bucket = engine.rules['oci:ObjectStorage/bucket:Bucket']
    expect(bucket?.stateful).toBe(true)
    expect([bucket?.disposable?.('files-bucket'), bucket?.disposable?.('_releases')]).toEqual([false, true])
    expect(engine.rules[INSTANCE]?.stateful).toBe(false)
  })

  it.each([
    [{ kind: 'service', name: 'api', domains: ['lab.example.org'] }, 'certificate'],
    [{ kind: 'service', name: 'api', memoryMb: 12_288 }, '11264'],
    [{ kind: 'service', name: 'api', runtime: 'jvm', memoryMb: 4096 }, undefined],
  ])('carries no %j that its machine cannot', (given, why) => {
    const refusal = engine.refuses?.(componentSchema.parse(given))
    if (why === undefined) expect(refusal).toBeUndefined()
    else expect(refusal).toContain(why)
  })

  it('is half of the free machine, or all of it where the components need it', () => {
    expect(shapeFor(96 + 128)).toEqual({ ocpus: 1, memoryInGbs: 6 })
    expect(shapeFor(5 * 1024)).toEqual({ ocpus: 1, memoryInGbs: 6 })
    expect(shapeFor(5 * 1024 + 1)).toEqual({ ocpus: 2, memoryInGbs: 12 })
    const shapeConfig = shapeFor(12 * 1024)
    expect(demandOf(engine, INSTANCE, { ...a1, shapeConfig })).toMatchObject({ code: 'lock.unsafe-input' })
  })
})
