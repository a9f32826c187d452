import { z } from 'zod'
import { FREE_MB, regionOf } from '../../registry.ts'
import type { IbmCloud } from '../cloud.ts'
import { ofAccount, registryApi } from '../registry.ts'
import { wallIn, wallsOf } from '../registry-walls.ts'
import { resourceType } from '../resource-type.ts'

const namesSchema = z.array(z.string())
const wallsSchema = z.looseObject({ storageMb: z.number(), trafficMb: z.number() })

/** A folder for images in a registry, whose own limits it sees to. Its id is `<registry>/<name>`. */
export const namespace = resourceType({
  inputs: z.strictObject({
    /** Its host: `us.icr.io`. */
    registry: z.string().refine((host) => regionOf(host) !== undefined, 'the host of a regional registry'),
    /** Nobody else at IBM may have the same one there. */
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]{2,28}[a-z0-9]$/),
    /** MB that the whole registry keeps at most, and lets be pulled in a month. */
    storageMb: z.int().min(1).max(FREE_MB.storage).default(FREE_MB.storage),
    trafficMb: z.int().min(1).max(FREE_MB.traffic).default(FREE_MB.traffic),
  }),
  replaces: ['registry', 'name'],
  gives: [],
  withinMs: 120_000,
  async create(given, cloud, urn) {
    const { registry, name, storageMb, trafficMb } = given
    await wallIn(cloud, registry, { storageMb, trafficMb }, urn)
    const headers = { ...(await ofAccount(cloud)), 'x-auth-resource-group': cloud.resourceGroup }
    await cloud.make({ method: 'PUT', url: registryApi(registry, `/namespaces/${name}`), headers, urn }, async () =>
      (await isThere(cloud, registry, name)) ? true : undefined,
    )
    return { id: `${registry}/${name}`, outputs: given }
  },
  async read(id, cloud, known) {
    const [registry = '', name = ''] = id.split('/')
    if (!(await isThere(cloud, registry, name))) return undefined
    const wanted = wallsSchema.safeParse(known).data ?? { storageMb: FREE_MB.storage, trafficMb: FREE_MB.traffic }
    const values = { registry, name, ...(await wallsOf(cloud, registry, wanted)) }
    return { id, inputs: values, outputs: values }
  },
  async update(_id, given, cloud, urn) {
    const { storageMb, trafficMb } = given
    await wallIn(cloud, given.registry, { storageMb, trafficMb }, urn)
    return given
  },
  /** With the images in it, which are no longer counted from then on. */
  async remove(id, cloud, urn) {
    const [registry = '', name = ''] = id.split('/')
    const url = registryApi(registry, `/namespaces/${name}`)
    await cloud.ask({ method: 'DELETE', url, headers: await ofAccount(cloud), urn })
  },
})

async function isThere(cloud: IbmCloud, registry: string, name: string): Promise<boolean> {
  const url = registryApi(registry, '/namespaces')
  const names = namesSchema.parse((await cloud.ask({ method: 'GET', url, headers: await ofAccount(cloud) })) ?? [])
  return names.includes(name)
}
