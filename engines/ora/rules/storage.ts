import { z } from 'zod'
import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, listAt, numberAt, textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { HOLDS, READS } from '../names.ts'
import { ruleByName } from './find.ts'
import { diskSize, notFreeSpeed } from './sizes.ts'

type Inputs = Record<string, unknown>

/** What a bucket is expected to hold that does not say so by a tag of ours, GB: nothing in its settings holds it. */
const EXPECTED_GB = 1

/** It has no tag; its bucket, which is ours by name, has one of each name. */
const ticketRule: ResourceRule = {
  stateful: false,
  tagProperty: null,
  demand: () => takes(),
  lookup: (inputs) => ({ bucket: bucketId({ ...inputs, name: inputs.bucket }), name: textAt(inputs, 'name') ?? null }),
  async find({ bucket, name }, platform) {
    const [, namespace, of] = /^n\/([^/]+)\/b\/([^/]+)$/.exec(String(bucket)) ?? []
    const token = 'oci:ObjectStorage/getPreauthrequests:getPreauthrequests'
    const answer = await platform.invoke(token, { namespace, bucket: of })
    const items = z.array(z.object({ id: z.string(), name: z.string() })).parse(answer.preauthenticatedRequests ?? [])
    const id = items.find((one) => one.name === name)?.id
    return id === undefined ? undefined : `${bucket}/p/${id}`
  },
}

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
    // The releases of a workspace: each of them can be built again.
    disposable: (name) => name.startsWith('_'),
  },
  // Its bytes are its bucket's, which holds room for them.
  'oci:ObjectStorage/storageObject:StorageObject': ruleById('oci:ObjectStorage/storageObject:StorageObject', objectId, {
    demand: () => takes(),
  }),
  'oci:ObjectStorage/preauthrequest:Preauthrequest': ticketRule,
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
  const gigabytes = numberAt(inputs, `freeformTags.${HOLDS}`) ?? EXPECTED_GB
  const requests = numberAt(inputs, `freeformTags.${READS}`) ?? context.expect.requests
  return takes(
    amount('oci-object.storage', gigabytes, 'watched', `${gigabytes} GB expected`),
    amount('oci-object.api-requests', requests, 'watched', `${requests} requests expected a month`),
  )
}

function bucketId(inputs: Inputs): string | null {
  const [namespace, name] = [textAt(inputs, 'namespace'), textAt(inputs, 'name')]
  return namespace === undefined || name === undefined ? null : `n/${namespace}/b/${name}`
}

function objectId(inputs: Inputs): string | null {
  const bucket = bucketId({ ...inputs, name: inputs.bucket })
  const object = textAt(inputs, 'object')
  return bucket === null || object === undefined ? null : `${bucket}/o/${object}`
}
