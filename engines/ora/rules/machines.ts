import type { Amount, DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, MONTH_H, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt } from '../../demand/inputs.ts'
import { ruleByName } from './find.ts'
import { BOOT_GB, diskSize, notFreeSpeed } from './sizes.ts'

type Inputs = Record<string, unknown>

const A1 = 'VM.Standard.A1.Flex'
const MICRO = 'VM.Standard.E2.1.Micro'
/** What the network of one core and of a micro lets through, TB an hour (1 and 0.48 Gbit/s). */
const TB_PER_OCPU_HOUR = 0.45
const TB_PER_MICRO_HOUR = 0.216
/** Each of them runs on machines that are charged, or adds something that is. */
const PAID = ['capacityReservationId', 'computeClusterId', 'dedicatedVmHostId', 'preemptibleInstanceConfig']

/** What stands on a machine's own disk can be fetched again, and whatever is to be kept has a store: no data of users'. */
export const machines: Record<string, ResourceRule> = {
  'oci:Core/instance:Instance': ruleByName('oci:Core/instance:Instance', {
    safe: withBootVolume,
    demand: instanceDemand,
  }),
}

/** Left out, its size is the image's, which nobody here knows. */
function withBootVolume(inputs: Inputs): Inputs {
  const source = inputs.sourceDetails
  if (typeof source !== 'object' || source === null || textAt(inputs, 'sourceDetails.sourceType') !== 'image')
    return inputs
  return { ...inputs, sourceDetails: { bootVolumeSizeInGbs: String(BOOT_GB), bootVolumeVpusPerGb: '10', ...source } }
}

function instanceDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const paid = PAID.find((key) => inputs[key] !== undefined)
  if (paid !== undefined) return unsafe(paid, inputs[paid], 'none: it is charged')
  if (listAt(inputs, 'launchVolumeAttachments').length > 0)
    return unsafe('launchVolumeAttachments', true, 'none: volumes are resources of their own')
  const boot = bootVolume(inputs)
  if ('ok' in boot) return boot
  const shape = textAt(inputs, 'shape')
  if (shape === MICRO)
    return takes(
      amount('oci-e2-micro.instances', 1, 'proven', 'one micro machine'),
      boot,
      egress(context, TB_PER_MICRO_HOUR),
    )
  if (shape !== A1) return unsafe('shape', shape, `${A1}, ${MICRO}`)
  const ocpus = numberAt(inputs, 'shapeConfig.ocpus')
  if (ocpus === undefined || ocpus < 1 || ocpus > 2) return unsafe('shapeConfig.ocpus', ocpus, '1 or 2')
  const memory = numberAt(inputs, 'shapeConfig.memoryInGbs')
  if (memory === undefined || memory < 1 || memory > 12) return unsafe('shapeConfig.memoryInGbs', memory, '1 to 12 GB')
  return takes(
    amount('oci-a1.ocpu-hours', ocpus * MONTH_H, 'proven', `${ocpus} OCPU × ${MONTH_H} h`),
    amount('oci-a1.memory-hours', memory * MONTH_H, 'proven', `${memory} GB × ${MONTH_H} h`),
    amount('oci-a1.ocpus', ocpus, 'proven', `${ocpus} OCPU`),
    amount('oci-a1.memory', memory, 'proven', `${memory} GB of memory`),
    amount('oci-a1.instances', 1, 'proven', 'one machine'),
    boot,
    egress(context, ocpus * TB_PER_OCPU_HOUR),
  )
}

/** What a machine starts from takes room as well, unless it is a volume that takes it already. */
function bootVolume(inputs: Inputs): Amount | Extract<DemandAnswer, { ok: false }> {
  const kind = textAt(inputs, 'sourceDetails.sourceType')
  if (kind === 'bootVolume') return amount('oci-block.boot+block', 0, 'proven', 'it starts from a volume that stands')
  if (kind !== 'image') return unsafe('sourceDetails.sourceType', kind, 'image, bootVolume')
  const slow = notFreeSpeed('sourceDetails.bootVolumeVpusPerGb', inputs)
  if (slow !== undefined) return slow
  const size = diskSize('sourceDetails.bootVolumeSizeInGbs', inputs)
  if (typeof size !== 'number') return size
  return amount('oci-block.boot+block', size, 'proven', `${size} GB to boot from`)
}

function egress({ expect }: DemandContext, perHour: number): Amount {
  const terabytes = amount(
    'oci-egress.outbound',
    expect.egressMb / 1e6,
    'watched',
    `${expect.egressMb} MB expected a month`,
  )
  return { ...terabytes, perHour }
}
