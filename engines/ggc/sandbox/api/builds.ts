import type { ApiCall, ApiReply, World } from '../../../../stacks/contract/sandbox.ts'
import { projectOf } from '../identify.ts'
import { BUILD_MINUTES } from '../prices.ts'
import { FUNCTION } from '../run-names.ts'
import { ok, page, refused } from './reply.ts'

/** Builds of a region: one for each function made there, deleted ones too. */
export async function builds({ path, query }: ApiCall, world: World): Promise<ApiReply> {
  const region = new RegExp(`^/v1/projects/${projectOf(world.cloudAccount)}/locations/([a-z0-9-]+)/builds$`).exec(
    path,
  )?.[1]
  if (region === undefined) return refused(403, 'PERMISSION_DENIED', 'The caller does not have permission')
  const since = Date.parse(/create_time>="([^"]+)"/.exec(query.filter ?? '')?.[1] ?? '1970-01-01')
  const made = (await world.metered()).filter(
    (one) => one.type === FUNCTION && one.outputs.location === region && one.createdAt >= since,
  )
  const { items, more } = page(made, { pageToken: query.pageToken, size: Number(query.pageSize ?? 100) })
  return ok({
    builds: items.map(({ createdAt }) => ({
      status: 'SUCCESS',
      createTime: new Date(createdAt).toISOString(),
      startTime: new Date(createdAt).toISOString(),
      finishTime: new Date(createdAt + BUILD_MINUTES * 60_000).toISOString(),
    })),
    ...more,
  })
}
