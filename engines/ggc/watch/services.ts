import type { WatchContext } from '../../contract/watch.ts'
import { type Asset, isOfFunction, searchAssets } from './assets.ts'

/** Services of Cloud Run in all regions, but for those behind functions: its own API lists one region at a time. */
export async function listServices(context: WatchContext): Promise<Asset[]> {
  const found = await searchAssets(context, ['run.googleapis.com/Service'])
  return found.filter((one) => !isOfFunction(one))
}
