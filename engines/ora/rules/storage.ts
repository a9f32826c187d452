import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, listAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { ruleByName } from './find.ts'
import { diskSize, notFreeSpeed } from './sizes.ts'

type Inputs = Record<string, unknown>

/** What a bucket is expected to hold, GB: nothing in its settings holds it. */
const EXPECTED_GB = 1

export const storage: Record<string, ResourceRule> = {
  ...volume('oci:Core/volume:Volume', 'blockVolumeReplicas'),
  ...volume('oci:Core/bootVolume:BootVolume', 'bootVolumeReplicas'),
  'oci:Core/volumeBackup:VolumeBackup': ruleByName('oci:Core/volumeBackup:VolumeBackup', {
    stateful: true,
    demand: () => takes(amount('oci-block.backups', 1, 'proven', 'one backup')),
  }),
  'oci:ObjectStorage/bucket:Bucket': {
    ...ruleById('oci:ObjectStorage/bucket:Bucket', bucketId, { stateful: true, demand: bucketDemand }),
    tagProperty: 'freeformTags',
    safe: (inputs) => fillIn(inputs, { storageTier: 'Standard', versioning: 'Disabled' }),
  },
}

function volume(type: string, replicas: string): Record<string, ResourceRule> {
  return {
    [type]: ruleByName(type, {
      stateful: true,
      safe: (inputs) => fillIn(inputs, { vpusPerGb: '10' }),
      demand(inputs) {
        for (const [property, why] of [
          [replicas, 'a copy elsewhere is charged'],
          ['autotunePolicies', 'it may become faster by itself, which is charged'],
          ['backupPolicyId', 'more backups would be made than are free'],
        ] as const) {
          const given = inputs[property]
          if (given !== undefined && listAt(inputs, property).length + Number(!Array.isArray(given)) > 0)
            return unsafe(property, given, `none: ${why}`)
        }
        const size = diskSize('sizeInGbs', inputs)
        if (typeof size !== 'number') return size
        return (
          notFreeSpeed('vpusPerGb', inputs) ??
          takes(amount('oci-block.boot+block', size, 'proven', `${size} GB of disk`))
        )
      },
    }),
  }
}

function bucketDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const tier = textAt(inputs, 'storageTier')
  if (tier !== 'Standard' && tier !== 'Archive') return unsafe('storageTier', tier, 'Standard, Archive')
  const versioning = textAt(inputs, 'versioning')
  if (versioning !== 'Disabled') return unsafe('versioning', versioning, 'Disabled: what was replaced would be kept')
  const { requests } = context.expect
  return takes(
    amount('oci-object.storage', EXPECTED_GB, 'watched', `${EXPECTED_GB} GB expected`),
    amount('oci-object.api-requests', requests, 'watched', `${requests} requests expected a month`),
  )
}

function bucketId(inputs: Inputs): string | null {
  const [namespace, name] = [textAt(inputs, 'namespace'), textAt(inputs, 'name')]
  return namespace === undefined || name === undefined ? null : `n/${namespace}/b/${name}`
}
