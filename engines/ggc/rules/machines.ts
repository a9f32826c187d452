import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, MONTH_H, overLimit, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

type Inputs = Record<string, unknown>

/** An e2-micro sends 1 Gbit/s at most (Google's page of machine types). */
const SENT_GB_PER_HOUR = 450

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
  const size = numberAt(inputs, 'bootDisk.initializeParams.size')
  if (size === undefined) return unsafe('bootDisk.initializeParams.size', undefined, 'a number of GB')
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
    atMost(
      amount('gcp-e2-micro.egress-from-North-America', egressMb / 1000, 'watched', `${egressMb} MB expected a month`),
      SENT_GB_PER_HOUR,
    ),
  )
}

function diskDemand(inputs: Inputs): DemandAnswer {
  const size = numberAt(inputs, 'size')
  if (size === undefined) return unsafe('size', undefined, 'a number of GB')
  return takes(amount('gcp-e2-micro.pd-standard', size, 'proven', `${size} GB of disk`))
}

function zoned(inputs: Inputs): string | null {
  const [zone, name] = [textAt(inputs, 'zone'), textAt(inputs, 'name')]
  return zone === undefined || name === undefined ? null : `${zone}/${name}`
}
