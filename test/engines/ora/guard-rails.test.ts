import { describe, expect, it } from 'vitest'
import { quotaStatements } from '../../../engines/ora/quota-statements.ts'
import { declareByType } from '../../../engines/parts/declare/by-type.ts'
import { useCloud } from '../use-cloud.ts'
import { plannedRails, railsContext } from '../walls.ts'

const cloud = useCloud('ora')
/** Another tenancy, which pays as it goes: there only quotas hold anything back. */
const PAYING = { tenancyOcid: `ocid1.tenancy.oc1..${'b'.repeat(40)}` }
const paying = () =>
  railsContext(cloud.engine, {
    account: { id: PAYING.tenancyOcid, engine: 'ora', plan: 'payg', consentWatched: false },
  })

function machine(name: string, ocpus: number, memoryInGbs: number, more: Record<string, unknown> = {}) {
  return () => {
    declareByType('oci:Core/instance:Instance', name, {
      compartmentId: PAYING.tenancyOcid,
      displayName: name,
      availabilityDomain: 'AD-1',
      shape: 'VM.Standard.A1.Flex',
      shapeConfig: { ocpus, memoryInGbs },
      sourceDetails: { sourceType: 'image', sourceId: 'ocid1.image.oc1..linux', bootVolumeSizeInGbs: '50' },
      ...more,
    })
    return {}
  }
}

describe('the guard rails of Oracle Cloud', () => {
  it('are a quota policy, a budget and its alarm, which the lock knows and which take nothing', async () => {
    const planned = await plannedRails(cloud.engine, railsContext(cloud.engine))
    expect(planned.map(({ type, amounts }) => [type, amounts])).toEqual([
      ['oci:Limits/quota:Quota', []],
      ['oci:Budget/budget:Budget', []],
      ['oci:Budget/rule:Rule', []],
    ])
  })

  it('have no alarm where nobody is named, and say so', async () => {
    const { email: _, ...nobody } = paying()
    const { stack } = await cloud.run(() => cloud.engine.guardRails?.declare(nobody) ?? {}, PAYING)
    const { outputs } = await stack.up()
    expect(outputs.alarm?.value).toContain('nobody was named')
    expect((await cloud.inventory()).map((one) => one.type).sort()).toEqual([
      'oci:Budget/budget:Budget',
      'oci:Limits/quota:Quota',
    ])
  })

  it('make the platform itself refuse a machine beyond the free ones, whoever asks', async () => {
    const rails = await cloud.run(() => cloud.engine.guardRails?.declare(paying()) ?? {}, PAYING)
    await rails.stack.up()
    const first = await cloud.run(machine('first', 2, 12), PAYING)
    await first.stack.up()
    for (const [program, words] of [
      [machine('second', 1, 1), 'standard-a1-core-count'],
      [machine('other', 1, 8, { shape: 'VM.Standard.E4.Flex' }), 'standard-e4-core-count'],
    ] as const) {
      const stray = await cloud.run(program, PAYING)
      await expect(stray.stack.up()).rejects.toThrow(new RegExp(`400-QuotaExceeded.*${words}`))
    }
    expect((await cloud.inventory()).filter((one) => one.type.includes('instance')).length).toBe(1)
    // Declared once more they change nothing.
    expect(Object.keys((await rails.stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
  })

  it('are what holds it back: without them a tenancy that pays gets the machine', async () => {
    const { stack } = await cloud.run(machine('large', 8, 64, { shape: 'VM.Standard.E4.Flex' }), PAYING)
    await stack.up()
    expect((await cloud.inventory()).map((one) => one.type)).toEqual(['oci:Core/instance:Instance'])
  })

  it('are found again by their names and our tag', async () => {
    const context = railsContext(cloud.engine)
    const owner = { freeformTags: { 'pipi-workspace': 'w1' } }
    const inputs = { compartmentId: context.account.id, name: 'pipi-guard-rails', statements: [], description: 'x' }
    const { stack } = await cloud.run(() => {
      declareByType('oci:Limits/quota:Quota', 'quota', { ...inputs, ...owner })
      return {}
    })
    await stack.up()
    const [quota] = await cloud.inventory()
    const rule = cloud.engine.rules['oci:Limits/quota:Quota']
    const reader = cloud.reader()
    try {
      const lookup = rule?.lookup(inputs) ?? {}
      expect(await rule?.find(lookup, reader, 'w1')).toBe(quota?.id)
      expect(await rule?.find(lookup, reader, 'somebody')).toBeUndefined()
      expect(await rule?.find({ ...lookup, name: 'another' }, reader, 'w1')).toBeUndefined()
    } finally {
      reader.close()
    }
  })
})

describe('a quota policy', () => {
  it('allows what the catalogue states, each core in its domain and in the region, and nothing else', () => {
    const statements = quotaStatements({ 'oci-a1.ocpus': 2, 'oci-a1.memory': 12, 'oci-block.boot+block': 200 })
    expect(statements).toEqual(
      expect.arrayContaining([
        'zero compute-core quotas in tenancy',
        'set compute-core quota standard-a1-core-count to 2 in tenancy',
        'set compute-core quota standard-a1-core-regional-count to 2 in tenancy',
        'set compute-memory quota standard-a1-memory-count to 12 in tenancy',
        'set compute-memory quota standard-a1-memory-regional-count to 12 in tenancy',
        'set block-storage quota total-storage-gb to 200 in tenancy',
        'zero database quotas in tenancy',
      ]),
    )
    expect(statements.indexOf('zero compute-core quotas in tenancy')).toBe(0)
    expect(quotaStatements({})).toContain('set compute-core quota standard-a1-core-count to 0 in tenancy')
  })
})
