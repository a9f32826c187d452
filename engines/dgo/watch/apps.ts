import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { list } from './call.ts'

const appSchema = z.object({ id: z.string(), spec: z.looseObject({ name: z.string() }) })
export type ListedApp = z.infer<typeof appSchema>

/** Every App of the team, with its spec as the API writes it. */
export function listApps(context: Pick<WatchContext, 'api'>): Promise<ListedApp[]> {
  return list(context, '/v2/apps', 'apps', appSchema)
}
