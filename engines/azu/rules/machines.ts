import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, MONTH_H, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleByArmId } from './by-arm-id.ts'

type Inputs = Record<string, unknown>

const HOURS: Record<string, string> = {
  Standard_B1s: 'azure-vm-b1s.hours-B1s-linux',
  Standard_B2pts_v2: 'azure-vm-b1s.hours-B2pts-v2',
  Standard_B2ats_v2: 'azure-vm-b1s.hours-B2ats-v2',
}
const DISK = { sku: 'Premium_LRS', gigabytes: 64 }
/** A gigabit a second: more than the network of these sizes lets through. */
const GB_PER_HOUR = 450

export const machines: Record<string, ResourceRule> = {
  ...ruleByArmId('azure-native:compute:VirtualMachine', { stateful: true, demand: machineDemand }),
  ...ruleByArmId('azure-native:compute:Disk', {
    stateful: true,
    demand: (inputs) =>
      diskRefusal(textAt(inputs, 'sku.name'), numberAt(inputs, 'diskSizeGB'), 'sku.name', 'diskSizeGB') ??
      takes(amount('azure-disks.p6-disks', 1, 'proven', `one disk of ${DISK.gigabytes} GB`)),
  }),
}

function machineDemand(inputs: Inputs, { expect }: DemandContext): DemandAnswer {
  const size = textAt(inputs, 'hardwareProfile.vmSize')
  const hours = size === undefined ? undefined : HOURS[size]
  if (hours === undefined) return unsafe('hardwareProfile.vmSize', size, Object.keys(HOURS).join(', '))
  const system = textAt(inputs, 'storageProfile.osDisk.osType') ?? 'Linux'
  if (system !== 'Linux' || valueAt(inputs, 'osProfile.windowsConfiguration') !== undefined)
    return unsafe('storageProfile.osDisk.osType', system, 'Linux')
  if (listAt(inputs, 'storageProfile.dataDisks').length > 0)
    return unsafe('storageProfile.dataDisks', true, 'none: disks are resources of their own')
  const disk = diskRefusal(
    textAt(inputs, 'storageProfile.osDisk.managedDisk.storageAccountType'),
    numberAt(inputs, 'storageProfile.osDisk.diskSizeGB'),
    'storageProfile.osDisk.managedDisk.storageAccountType',
    'storageProfile.osDisk.diskSizeGB',
  )
  if (disk !== undefined) return disk
  return takes(
    amount(hours, MONTH_H, 'proven', `one machine × ${MONTH_H} h`),
    amount('azure-disks.p6-disks', 1, 'proven', 'the disk it starts from'),
    atMost(
      amount(
        'azure-egress.internet-egress',
        expect.egressMb / 1000,
        'watched',
        `${expect.egressMb} MB expected a month`,
      ),
      GB_PER_HOUR,
    ),
  )
}

function diskRefusal(sku: string | undefined, size: number | undefined, skuAt: string, sizeAt: string) {
  if (sku !== DISK.sku) return unsafe(skuAt, sku, DISK.sku)
  return size === undefined || size > DISK.gigabytes ? unsafe(sizeAt, size, `up to ${DISK.gigabytes} GB`) : undefined
}
