import type { ApiCall, ApiReply, Json, World } from '../../../../stacks/contract/sandbox.ts'
import { SERVICE } from '../run-names.ts'
import { containersOf } from '../services.ts'
import { section } from '../values.ts'
import { ok, refused } from './reply.ts'

/** One service of Cloud Run, by its name. */
export async function run({ path }: ApiCall, world: World): Promise<ApiReply> {
  const found = (await world.list(SERVICE)).find((one) => `/v2/${one.id}` === path)
  if (found === undefined) return refused(404, 'NOT_FOUND', `Resource '${path.split('/').at(-1)}' was not found`)
  const template = section(found.inputs, 'template')
  return ok({
    name: found.id,
    uri: found.outputs.uri,
    labels: found.inputs.labels ?? {},
    ingress: found.inputs.ingress ?? 'INGRESS_TRAFFIC_ALL',
    template: {
      ...template,
      scaling: withoutNothing(section(template, 'scaling')),
      containers: containersOf(found.inputs).map(({ envs, resources, ...container }) => ({
        ...container,
        resources: withoutNothing((resources ?? {}) as Json),
        env: envs ?? [],
      })),
    },
  })
}

/** As the API does, a 0 and a "no" are left out. */
function withoutNothing(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== 0 && value !== false))
}
