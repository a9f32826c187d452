import type { ApiCall, ApiReply, World } from '../../../../stacks/contract/sandbox.ts'
import { projectOf } from '../identify.ts'
import { FUNCTION } from '../run-names.ts'
import { section } from '../values.ts'
import { ok, page, refused } from './reply.ts'

/** Functions of all regions. */
export async function cloudFunctions({ path, query }: ApiCall, world: World): Promise<ApiReply> {
  const project = projectOf(world.cloudAccount)
  if (path !== `/v2/projects/${project}/locations/-/functions`)
    return refused(403, 'PERMISSION_DENIED', "Permission 'cloudfunctions.functions.list' denied")
  const all = await world.list(FUNCTION)
  const { items, more } = page(all, { pageToken: query.pageToken, size: Number(query.pageSize ?? 100) })
  const functions = items.map((one) => {
    // As the API does, a 0 is left out.
    const { minInstanceCount: least, ...config } = section(one.inputs, 'serviceConfig')
    return {
      name: one.id,
      environment: 'GEN_2',
      state: 'ACTIVE',
      labels: one.inputs.labels ?? {},
      buildConfig: one.inputs.buildConfig,
      serviceConfig: {
        ...config,
        ...(Number(least ?? 0) > 0 ? { minInstanceCount: least } : {}),
        service: one.id.replace('/functions/', '/services/'),
      },
    }
  })
  return ok({ functions, ...more })
}
