import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { OWN } from '../../own-types.ts'
import { placeOfRepository, REPOSITORY } from '../images.ts'
import { ok, page, refused } from './reply.ts'

/** Artifact Registry's own API: a repository, and the images in it with what each of them takes. */
export async function repositories({ path, query }: ApiCall, world: World): Promise<ApiReply> {
  const [, id, images] =
    /^\/v1\/(projects\/[^/]+\/locations\/[^/]+\/repositories\/[^/]+)(\/dockerImages)?$/.exec(path) ?? []
  const found = (await world.list(REPOSITORY)).find((one) => one.id === id)
  if (id === undefined || found === undefined) return refused(404, 'NOT_FOUND', 'Requested entity was not found.')
  if (images === undefined) return ok(shown(found))
  const place = `${placeOfRepository(id)}/`
  const all = (await world.list(OWN.image)).filter((one) => one.id.startsWith(place))
  const { items, more } = page(all, { pageToken: query.pageToken, size: Number(query.pageSize ?? 100) })
  return ok({
    dockerImages: items.map((one) => ({
      name: `${id}/dockerImages/${encodeURIComponent(one.id.slice(place.length))}`,
      uri: one.id,
      // A 64-bit number, which JSON of Google's carries as text.
      imageSizeBytes: String(one.inputs.bytes),
      uploadTime: new Date(one.createdAt).toISOString(),
    })),
    ...more,
  })
}

function shown({ id, inputs, outputs }: StoredResource): Json {
  const { repositoryId: _name, location: _location, cleanupPolicies, ...rest } = inputs
  const policies = Array.isArray(cleanupPolicies) ? (cleanupPolicies as Json[]) : []
  return {
    ...rest,
    name: id,
    cleanupPolicies: Object.fromEntries(policies.map((one) => [String(one.id), one])),
    createTime: outputs.createTime,
  }
}
