import { Address } from '@pulumi/gcp/compute/address.js'
import { Instance } from '@pulumi/gcp/compute/instance.js'
import { describe, expect, it } from 'vitest'
import { quotasFor } from '../../../engines/ggc/guard-rails/quotas.ts'
import { useCloud } from '../use-cloud.ts'
import { plannedRails, railsContext } from '../walls.ts'

const cloud = useCloud('ggc')

function machine(machineType: string, type = 'pd-standard', accessConfigs: object[] = []) {
  return () => {
    new Instance('machine', {
      name: 'machine',
      machineType,
      zone: 'us-central1-a',
      bootDisk: { initializeParams: { image: 'debian-13', size: 30, type } },
      networkInterfaces: [{ network: 'default', accessConfigs }],
    })
    return {}
  }
}
const address = () => {
  new Address('address', { name: 'address', region: 'us-central1' })
  return {}
}

describe('the guard rails of Google Cloud', () => {
  it('are lowered quotas and a budget, which the lock knows and which take nothing', async () => {
    const planned = await plannedRails(cloud.engine, railsContext(cloud.engine))
    expect(planned.filter((one) => one.amounts?.length !== 0)).toEqual([])
    expect(new Set(planned.map((one) => one.type))).toEqual(
      new Set([
        'gcp:billing/budget:Budget',
        'gcp:monitoring/notificationChannel:NotificationChannel',
        'gcp:projects/service:Service',
        'gcp:serviceusage/consumerQuotaOverride:ConsumerQuotaOverride',
      ]),
    )
  })

  it('make Google itself refuse more machine, faster disks and addresses, and leave the free machine', async () => {
    const { stack } = await cloud.run(() => cloud.engine.guardRails?.declare(railsContext(cloud.engine)) ?? {})
    await stack.up()
    for (const [program, metric] of [
      [machine('e2-standard-4'), 'CPUS_ALL_REGIONS'],
      [machine('e2-micro', 'pd-ssd'), 'SSD_TOTAL_STORAGE'],
      [machine('e2-micro', 'pd-standard', [{}]), 'REGIONAL_IN_USE_ADDRESSES'],
      [address, 'REGIONAL_STATIC_ADDRESSES'],
    ] as const) {
      const stray = await cloud.run(program)
      await expect(stray.stack.up(), metric).rejects.toThrow(new RegExp(`Quota '${metric}' exceeded`))
      await cloud.forget(stray)
    }
    const free = await cloud.run(machine('e2-micro'))
    await free.stack.up()
    expect((await cloud.inventory()).filter((one) => one.type.includes('compute'))).toHaveLength(1)
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
  })
})

describe('the quotas', () => {
  it('leave no machine at all where the account has none', () => {
    expect(quotasFor({}).filter((one) => one.to !== 0)).toEqual([])
    expect(quotasFor({ 'gcp-e2-micro.instance-hours': 744, 'gcp-e2-micro.pd-standard': 30 })).toContainEqual({
      metric: 'disks_total_storage',
      per: '/project/region',
      to: 30,
    })
  })
})
