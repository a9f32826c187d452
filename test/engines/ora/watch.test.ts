import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WatchContext } from '../../../engines/contract/watch.ts'
import { declareByType } from '../../../engines/parts/declare/by-type.ts'
import { useCloud } from '../use-cloud.ts'
import { railsContext } from '../walls.ts'
import { watchContext } from '../watching.ts'

const cloud = useCloud('ora')
let watch: WatchContext & { close(): void }
beforeAll(() => {
  watch = watchContext(cloud)
})
afterAll(() => watch.close())

function machine(freeformTags: Record<string, string> = {}) {
  declareByType('oci:Core/instance:Instance', 'stray', {
    compartmentId: railsContext(cloud.engine).account.id,
    displayName: 'stray',
    availabilityDomain: 'AD-1',
    shape: 'VM.Standard.A1.Flex',
    shapeConfig: { ocpus: 1, memoryInGbs: 6 },
    sourceDetails: { sourceType: 'image', sourceId: 'ocid1.image.oc1..linux', bootVolumeSizeInGbs: '50' },
    freeformTags,
  })
  return {}
}

function bucket() {
  declareByType('oci:ObjectStorage/bucket:Bucket', 'bucket', {
    compartmentId: railsContext(cloud.engine).account.id,
    namespace: 'ax0726b4fac6',
    name: 'left-behind',
  })
}

describe('an Oracle Cloud tenancy', () => {
  it('says who it is, that it was never upgraded, and which walls stand', async () => {
    const bare = await cloud.engine.watch.check?.(watch)
    expect(bare).toMatchObject({ id: watch.account.id, plan: 'always-free-only' })
    expect(bare?.findings.map(({ what, ok }) => [what, ok])).toEqual([
      ['never upgraded', true],
      ['quota policy', false],
      ['budget with an alarm', false],
    ])
    const rails = await cloud.run(() => cloud.engine.guardRails?.declare(railsContext(cloud.engine)) ?? {})
    await rails.stack.up()
    const walled = await cloud.engine.watch.check?.(watch)
    expect(walled?.findings.filter((one) => !one.ok)).toEqual([])
  })

  it('is another plan than claimed when it says so', async () => {
    const invoke: WatchContext['platform']['invoke'] = async (token, args) =>
      token.includes('getSubscriptions')
        ? { subscriptionCollections: [{ items: [{ planType: 'PAYG' }] }] }
        : watch.platform.invoke(token, args)
    const check = await cloud.engine.watch.check?.({ ...watch, platform: { ...watch.platform, invoke } })
    expect(check?.plan).toBe('payg')
    expect(check?.findings[0]).toMatchObject({ ok: false, why: expect.stringContaining('charged') })
  })

  it('is surveyed for what stands, ours by our tag, and read for how much that is', async () => {
    const { stack } = await cloud.run(() => {
      bucket()
      return machine({ 'pipi-workspace': 'w1', 'pipi-urn': 'abc' })
    })
    await stack.up()
    const found = (await cloud.engine.watch.survey?.(watch)) ?? []
    expect(found.map(({ type, owner }) => [type, owner])).toEqual([
      ['oci:Core/instance:Instance', { workspace: 'w1', urn: 'abc' }],
      ['oci:ObjectStorage/bucket:Bucket', undefined],
    ])
    for (const one of found) {
      const demand = cloud.engine.rules[one.type]?.demand(one.inputs, {
        plan: 'always-free-only',
        region: 'us-ashburn-1',
        expect: { requests: 1, egressMb: 1 },
      })
      expect(demand, one.type).toMatchObject({ ok: true })
    }
    const usage = await cloud.engine.watch.usage?.(watch)
    expect(usage?.readings.map(({ meter, total }) => [meter, total])).toEqual([
      ['oci-a1.ocpus', 1],
      ['oci-a1.memory', 6],
      ['oci-autonomous-db.databases', 0],
    ])
  })

  it('refuses what is above its limits by itself as long as it was never upgraded', async () => {
    const { stack } = await cloud.run(() => {
      declareByType('oci:Core/volume:Volume', 'large', {
        compartmentId: watch.account.id,
        availabilityDomain: 'AD-1',
        sizeInGbs: '250',
      })
      return {}
    })
    await expect(stack.up()).rejects.toThrow('400-LimitExceeded')
    expect(await cloud.billed()).toBe(0)
  })
})
