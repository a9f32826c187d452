import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, MONTH_H, overLimit, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { notFree } from './place.ts'

type Inputs = Record<string, unknown>

export const machines: Record<string, ResourceRule> = {
  'gcp:compute/instance:Instance': ruleById('gcp:compute/instance:Instance', (inputs) => zoned(inputs), {
    tagged: 'labels',
    stateful: true,
    demand: instanceDemand,
  }),
  'gcp:compute/disk:Disk': ruleById('gcp:compute/disk:Disk', (inputs) => zoned(inputs), {
    tagged: 'labels',
    stateful: true,
    demand: diskDemand,
  }),
}

function instanceDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const place = notFree('zone', inputs, context)
  if (place !== undefined) return place
  if (textAt(inputs, 'machineType') !== 'e2-micro') return unsafe('machineType', inputs.machineType, 'e2-micro')
  if (valueAt(inputs, 'scheduling.preemptible') === true) return unsafe('scheduling.preemptible', true, 'false')
  if (listAt(inputs, 'guestAccelerators').length > 0)
    return unsafe('guestAccelerators', inputs.guestAccelerators, 'none')
  const type = textAt(inputs, 'bootDisk.initializeParams.type')
  if (type !== 'pd-standard') return unsafe('bootDisk.initializeParams.type', type, 'pd-standard')
  const size = numberAt(inputs, 'bootDisk.initializeParams.size')
  if (size === undefined || size <= 0 || size > 30) return unsafe('bootDisk.initializeParams.size', size, 'up to 30 GB')
  if (listAt(inputs, 'attachedDisks').length + listAt(inputs, 'scratchDisks').length > 0)
    return unsafe('attachedDisks', true, 'none')
  const addresses = (listAt(inputs, 'networkInterfaces') as Inputs[]).flatMap((one) =>
    listAt(one, 'accessConfigs'),
  ).length
  if (addresses > 0) {
    return overLimit(
      'gcp-e2-micro.external-ipv4',
      `${addresses} external address(es) asked, and none is free`,
      'leave networkInterfaces[].accessConfigs out',
    )
  }
  const { egressMb } = context.expect
  return takes(
    amount('gcp-e2-micro.instance-hours', MONTH_H, 'proven', `one instance × ${MONTH_H} h`),
    amount('gcp-e2-micro.pd-standard', size, 'proven', `${size} GB of boot disk`),
    amount('gcp-e2-micro.egress-from-North-America', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
  )
}

function diskDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const place = notFree('zone', inputs, context)
  if (place !== undefined) return place
  const type = textAt(inputs, 'type') ?? 'pd-standard'
  if (type !== 'pd-standard') return unsafe('type', type, 'pd-standard')
  const size = numberAt(inputs, 'size')
  if (size === undefined || size <= 0) return unsafe('size', size, 'up to 30 GB')
  return takes(amount('gcp-e2-micro.pd-standard', size, 'proven', `${size} GB of disk`))
}

function zoned(inputs: Inputs): string | null {
  const [zone, name] = [textAt(inputs, 'zone'), textAt(inputs, 'name')]
  return zone === undefined || name === undefined ? null : `${zone}/${name}`
}
