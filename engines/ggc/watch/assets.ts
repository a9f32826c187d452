import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { list, projectIn } from './call.ts'

const assetSchema = z.object({
  /** `//<host>/<path>`. */
  name: z.string(),
  assetType: z.string(),
  displayName: z.string().optional(),
  location: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  additionalAttributes: z.record(z.string(), z.unknown()).optional(),
})
export type Asset = z.infer<typeof assetSchema>

/** Everything of these kinds in the project, in all regions, by one search of Cloud Asset. */
export async function searchAssets(context: WatchContext, kinds: readonly string[]): Promise<Asset[]> {
  const query = new URLSearchParams({ pageSize: '500' })
  for (const kind of kinds) query.append('assetTypes', kind)
  const url = `https://cloudasset.googleapis.com/v1/projects/${projectIn(context)}:searchAllResources?${query}`
  const found = await list(context, url, 'results', assetSchema)
  return found.filter(({ assetType }) => kinds.includes(assetType))
}

/** What Google makes for a function, as the service behind it. */
export function isOfFunction({ labels }: Asset): boolean {
  return labels?.['goog-managed-by'] === 'cloudfunctions'
}

/** The path of an asset after its host, which is Pulumi's id of most. */
export function pathOf({ name }: Asset): string {
  return name.replace(/^\/\/[^/]+\//, '')
}
