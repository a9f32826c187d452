import type { ApiCall, ApiReply, Json, World } from '../../../../stacks/contract/sandbox.ts'
import { projectOf } from '../identify.ts'
import { BUCKET, OBJECT } from '../storage.ts'
import { ok, page, refused } from './reply.ts'

/** Buckets of the project, and the objects in one. */
export async function buckets({ path, query }: ApiCall, world: World): Promise<ApiReply> {
  const paging = { pageToken: query.pageToken, size: Number(query.maxResults ?? 1000) }
  const all = await world.list(BUCKET)
  if (path === '/storage/v1/b') {
    if (query.project !== projectOf(world.cloudAccount)) return refused(403, 'forbidden', 'no access to the project')
    const { items, more } = page(all, paging)
    return ok({
      kind: 'storage#buckets',
      items: items.map(({ id, inputs, outputs }) => ({
        name: id,
        location: inputs.location,
        storageClass: inputs.storageClass ?? 'STANDARD',
        labels: inputs.labels ?? {},
        timeCreated: outputs.timeCreated,
        iamConfiguration: {
          publicAccessPrevention: inputs.publicAccessPrevention ?? 'inherited',
          uniformBucketLevelAccess: { enabled: inputs.uniformBucketLevelAccess === true },
        },
        softDeletePolicy: { retentionDurationSeconds: String(keptAfterDeletion(inputs)) },
        ...(inputs.versioning === undefined ? {} : { versioning: inputs.versioning }),
      })),
      ...more,
    })
  }
  const bucket = /^\/storage\/v1\/b\/([^/]+)\/o$/.exec(path)?.[1]
  if (!all.some((one) => one.id === bucket)) return refused(404, 'notFound', 'The specified bucket does not exist.')
  const { items, more } = page(
    (await world.list(OBJECT)).filter((one) => one.inputs.bucket === bucket),
    paging,
  )
  return ok({
    items: items.map(({ outputs }) => ({ name: outputs.name, storageClass: outputs.storageClass })),
    ...more,
  })
}

/** Seconds; a week where nothing is said. */
function keptAfterDeletion(inputs: Json): number {
  const policy = inputs.softDeletePolicy as { retentionDurationSeconds?: number } | undefined
  return policy?.retentionDurationSeconds ?? 604_800
}
