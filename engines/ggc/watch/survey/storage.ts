import { z } from 'zod'
import type { Found, WatchContext } from '../../../contract/watch.ts'
import { list, projectIn } from '../call.ts'
import { ownerOf } from './owner.ts'

export const BUCKET = 'gcp:storage/bucket:Bucket'
export const OBJECT = 'gcp:storage/bucketObject:BucketObject'

const BASE = 'https://storage.googleapis.com/storage/v1/b'
const bucketSchema = z.object({
  name: z.string(),
  location: z.string(),
  storageClass: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  versioning: z.object({ enabled: z.boolean().optional() }).optional(),
  autoclass: z.object({ enabled: z.boolean().optional() }).optional(),
  customPlacementConfig: z.looseObject({}).optional(),
  iamConfiguration: z
    .object({
      publicAccessPrevention: z.string().optional(),
      uniformBucketLevelAccess: z.object({ enabled: z.boolean().optional() }).optional(),
    })
    .optional(),
  // A 64-bit number, which JSON of Google's carries as text.
  softDeletePolicy: z.object({ retentionDurationSeconds: z.coerce.number().optional() }).optional(),
})
const objectSchema = z.object({ name: z.string(), storageClass: z.string().optional() })

/**
 * Buckets, and the objects of ours. Each list counts as one of 5000 free operations a month, so what lies in strangers'
 * buckets is known by its bytes only, which `usage` reads.
 */
export async function findStorage(context: WatchContext): Promise<Found[]> {
  const query = new URLSearchParams({ project: projectIn(context), maxResults: '1000' })
  const found: Found[] = []
  for (const listed of await list(context, `${BASE}?${query}`, 'items', bucketSchema)) {
    const { name, location, iamConfiguration: access, ...bucket } = listed
    const owner = ownerOf(bucket.labels)
    const region = location.toLowerCase()
    const inputs = {
      name,
      location,
      storageClass: 'STANDARD',
      publicAccessPrevention: access?.publicAccessPrevention ?? 'inherited',
      uniformBucketLevelAccess: access?.uniformBucketLevelAccess?.enabled ?? false,
      ...bucket,
    }
    found.push({ type: BUCKET, id: name, region, inputs, ...owner })
    if (owner.owner === undefined) continue
    const url = `${BASE}/${encodeURIComponent(name)}/o?fields=items(name,storageClass),nextPageToken&maxResults=1000`
    for (const object of await list(context, url, 'items', objectSchema)) {
      found.push({
        type: OBJECT,
        id: `${name}-${object.name}`,
        region,
        inputs: { bucket: name, name: object.name, storageClass: object.storageClass ?? 'STANDARD' },
        owner: { workspace: owner.owner.workspace },
      })
    }
  }
  return found
}
