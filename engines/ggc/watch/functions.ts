import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { list, projectIn } from './call.ts'

const functionSchema = z.object({
  /** `projects/…/locations/…/functions/…`, which is Pulumi's id too. */
  name: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  buildConfig: z.looseObject({}).optional(),
  serviceConfig: z.looseObject({ service: z.string().optional() }).optional(),
  eventTrigger: z.looseObject({}).optional(),
})
export type ListedFunction = z.infer<typeof functionSchema>

/** Functions of both generations in all regions. */
export function listFunctions(context: WatchContext): Promise<ListedFunction[]> {
  const url = `https://cloudfunctions.googleapis.com/v2/projects/${projectIn(context)}/locations/-/functions`
  return list(context, `${url}?pageSize=1000`, 'functions', functionSchema)
}

/** Region and name in `projects/p/locations/<region>/functions/<name>`. */
export function placeOf(path: string): { region: string; name: string } {
  const parts = path.split('/')
  return { region: parts[3] ?? '', name: parts.at(-1) ?? '' }
}
