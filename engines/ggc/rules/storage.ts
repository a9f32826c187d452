import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'
import { notFree } from './place.ts'

type Inputs = Record<string, unknown>

/** The largest zip that `pack` lets travel. */
const OBJECT_GB = 0.052429

export const storage: Record<string, ResourceRule> = {
  'gcp:storage/bucket:Bucket': ruleById('gcp:storage/bucket:Bucket', (inputs) => textAt(inputs, 'name') ?? null, {
    tagged: 'labels',
    // Buckets of these programs hold sources that can be built again, never users' data.
    stateful: false,
    safe: (inputs) => fillIn(inputs, { storageClass: 'STANDARD' }),
    demand: bucketDemand,
  }),
  'gcp:storage/bucketObject:BucketObject': {
    tagProperty: null,
    stateful: false,
    demand: objectDemand,
    lookup: (inputs) => ({ bucket: inputs.bucket ?? null, name: inputs.name ?? null }),
    // An object cannot be imported and need not be: writing the same name again puts the same bytes in its place.
    find: async () => undefined,
  },
  'gcp:storage/bucketIAMMember:BucketIAMMember': ruleById('gcp:storage/bucketIAMMember:BucketIAMMember', memberId, {
    demand: () => takes(),
  }),
}

function bucketDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const place = notFree('location', inputs, context)
  if (place !== undefined) return place
  if (textAt(inputs, 'location') === undefined) return unsafe('location', undefined, 'US-CENTRAL1, US-EAST1, US-WEST1')
  const storageClass = textAt(inputs, 'storageClass') ?? 'STANDARD'
  if (storageClass !== 'STANDARD') return unsafe('storageClass', storageClass, 'STANDARD')
  if (valueAt(inputs, 'versioning.enabled') === true)
    return unsafe('versioning.enabled', true, 'false: every version is stored and counted')
  if (inputs.autoclass !== undefined && valueAt(inputs, 'autoclass.enabled') !== false)
    return unsafe('autoclass', true, 'none: its management is charged')
  return takes(amount('gcp-storage.class-a', 50, 'watched', 'listing and changing it, ten deployments a month'))
}

function objectDemand(inputs: Inputs): DemandAnswer {
  const storageClass = textAt(inputs, 'storageClass') ?? 'STANDARD'
  if (storageClass !== 'STANDARD') return unsafe('storageClass', storageClass, 'STANDARD')
  return takes(
    amount('gcp-storage.storage', OBJECT_GB, 'watched', 'one zip of 50 MiB at most'),
    amount('gcp-storage.class-a', 10, 'watched', 'ten uploads a month'),
    amount('gcp-storage.class-b', 100, 'watched', 'ten builds a month that read it'),
  )
}

function memberId(inputs: Inputs): string | null {
  const [bucket, role, member] = [textAt(inputs, 'bucket'), textAt(inputs, 'role'), textAt(inputs, 'member')]
  return bucket === undefined || role === undefined || member === undefined ? null : `b/${bucket} ${role} ${member}`
}
