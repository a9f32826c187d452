import { z } from 'zod'
import type { Found, WatchContext } from '../../../contract/watch.ts'
import { OWN } from '../../own-types.ts'
import { isOfFunction, pathOf, searchAssets } from '../assets.ts'
import { call, list } from '../call.ts'
import { ownerOf } from './owner.ts'

export const REPOSITORY = 'gcp:artifactregistry/repository:Repository'

const BASE = 'https://artifactregistry.googleapis.com/v1'
const repositorySchema = z.object({
  format: z.string().optional(),
  mode: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  kmsKeyName: z.string().optional(),
  cleanupPolicies: z.record(z.string(), z.looseObject({})).optional(),
  cleanupPolicyDryRun: z.boolean().optional(),
  vulnerabilityScanningConfig: z.object({ enablementConfig: z.string().optional() }).optional(),
})
const imageSchema = z.object({
  /** `<host>/<path>@sha256:<hex>`. */
  uri: z.string(),
  // A 64-bit number, which JSON of Google's carries as text.
  imageSizeBytes: z.coerce.number().optional(),
})

/**
 * Repositories, and the images in those of ours: what lies in strangers' is known by its bytes only, which `usage` reads.
 * The one that functions are built into is the functions'.
 */
export async function findImages(context: WatchContext): Promise<Found[]> {
  const found: Found[] = []
  for (const asset of await searchAssets(context, ['artifactregistry.googleapis.com/Repository'])) {
    const [id, region] = [pathOf(asset), asset.location ?? '']
    if (isOfFunction(asset)) continue
    const repository = await call(context, `${BASE}/${id}`, repositorySchema)
    // Gone since it was listed.
    if (repository === undefined) continue
    const { cleanupPolicies = {}, labels = {}, ...told } = repository
    const inputs = {
      ...{ repositoryId: id.split('/').at(-1), location: region, labels, ...told },
      cleanupPolicies: Object.values(cleanupPolicies),
    }
    const { owner } = ownerOf(labels)
    found.push({ type: REPOSITORY, id, region, inputs, ...(owner === undefined ? {} : { owner }) })
    if (owner === undefined) continue
    for (const image of await list(context, `${BASE}/${id}/dockerImages?pageSize=100`, 'dockerImages', imageSchema)) {
      const [place, digest] = image.uri.split('@sha256:')
      found.push({
        type: OWN.image,
        id: image.uri,
        region,
        inputs: { repository: place, digest, bytes: image.imageSizeBytes },
        owner: { workspace: owner.workspace },
      })
    }
  }
  return found
}
