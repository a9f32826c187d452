import { z } from 'zod'
import type { Found, WatchContext } from '../../../contract/watch.ts'
import { pathOf } from '../assets.ts'
import { call } from '../call.ts'
import { placeOf } from '../functions.ts'
import { listServices } from '../services.ts'
import { ownerOf } from './owner.ts'

export const SERVICE = 'gcp:cloudrunv2/service:Service'

const templateSchema = z.looseObject({
  scaling: z.looseObject({}).optional(),
  containers: z
    .array(
      z.looseObject({
        resources: z
          .object({
            limits: z.record(z.string(), z.string()).optional(),
            cpuIdle: z.boolean().optional(),
            startupCpuBoost: z.boolean().optional(),
          })
          .optional(),
      }),
    )
    .default([]),
})
const serviceSchema = z.object({
  labels: z.record(z.string(), z.string()).optional(),
  ingress: z.string().optional(),
  scaling: z.looseObject({}).optional(),
  template: templateSchema,
})

/** Services of Cloud Run in all regions, but for those behind functions. */
export async function findServices(context: WatchContext): Promise<Found[]> {
  const found: Found[] = []
  for (const asset of await listServices(context)) {
    const [id, region] = [pathOf(asset), asset.location ?? '']
    const service = await call(context, `https://run.googleapis.com/v2/${id}`, serviceSchema)
    // Gone since it was listed.
    if (service === undefined) continue
    const { labels = {}, template, ...told } = service
    found.push({
      type: SERVICE,
      id,
      region,
      inputs: { name: placeOf(id).name, location: region, ...told, labels, template: templateOf(template) },
      ...ownerOf(labels),
    })
  }
  return found
}

/** Without its environment, which is nobody's business here. The API leaves a 0 and a "no" out. */
function templateOf({ containers, scaling, ...template }: z.infer<typeof templateSchema>): Record<string, unknown> {
  return {
    ...template,
    scaling: { minInstanceCount: 0, ...scaling },
    containers: containers.map(({ env: _env, resources, ...container }) => ({
      ...container,
      resources: { cpuIdle: false, startupCpuBoost: false, ...resources },
    })),
  }
}
