import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { ADDRESS, INSTANCE } from '../billable.ts'
import { DATABASE } from '../firestore.ts'
import { projectOf } from '../identify.ts'
import { REPOSITORY } from '../images.ts'
import { FUNCTION, SERVICE } from '../run-names.ts'
import { JOB } from '../scheduler.ts'
import { ok, page, refused } from './reply.ts'

/** Cloud Asset's search over what the sandbox simulates; each function has a service behind it. */
export async function assets({ path, query }: ApiCall, world: World): Promise<ApiReply> {
  if (path !== `/v1/projects/${projectOf(world.cloudAccount)}:searchAllResources`)
    return refused(403, 'PERMISSION_DENIED', "Permission 'cloudasset.assets.searchAllResources' denied")
  const all = [
    ...(await world.list(INSTANCE)).map((one) => ({
      ...shown('compute.googleapis.com/Instance', one),
      location: one.outputs.zone,
      additionalAttributes: { machineType: one.inputs.machineType },
    })),
    ...(await world.list(ADDRESS)).map((one) => ({
      ...shown('compute.googleapis.com/Address', one),
      location: one.id.split('/')[3],
    })),
    ...(await world.list(JOB)).map((one) => ({
      ...shown('cloudscheduler.googleapis.com/Job', one),
      location: one.outputs.region,
    })),
    ...(await world.list(DATABASE)).map((one) => ({
      ...shown('firestore.googleapis.com/Database', one),
      location: one.inputs.locationId,
    })),
    ...(await world.list(FUNCTION)).map((one) => ({
      ...shown('run.googleapis.com/Service', one),
      name: `//run.googleapis.com/${one.id.replace('/functions/', '/services/')}`,
      location: one.outputs.location,
      labels: { 'goog-managed-by': 'cloudfunctions' },
    })),
    ...(await world.list(SERVICE)).map((one) => ({
      ...shown('run.googleapis.com/Service', one),
      location: one.outputs.location,
    })),
    ...(await world.list(REPOSITORY)).map((one) => ({
      ...shown('artifactregistry.googleapis.com/Repository', one),
      location: one.outputs.location,
    })),
  ]
  const { items, more } = page(all, { pageToken: query.pageToken, size: Number(query.pageSize ?? 100) })
  return ok({ results: items, ...more })
}

function shown(assetType: string, { id, inputs, outputs }: StoredResource): Json {
  const host = assetType.split('/')[0]
  return { name: `//${host}/${id}`, assetType, displayName: outputs.name, labels: inputs.labels ?? {} }
}
