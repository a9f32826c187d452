import { z } from 'zod'
import type { Found, Survey, WatchContext } from '../../contract/watch.ts'
import { listApps } from './apps.ts'
import { call, list } from './call.ts'
import { camel } from './camel.ts'

type Item = Record<string, unknown>

const itemSchema = z.looseObject({})

/** What the API lists page by page: our type, its id, and the inputs that tell what it takes. */
const LISTS: {
  type: string
  path: string
  key: string
  id: string
  inputs?(of: Item): Item
  region?(of: Item): unknown
}[] = [
  { type: 'digitalocean:index/domain:Domain', path: '/v2/domains', key: 'domains', id: 'name' },
  { type: 'digitalocean:index/firewall:Firewall', path: '/v2/firewalls', key: 'firewalls', id: 'id' },
  {
    type: 'digitalocean:index/droplet:Droplet',
    path: '/v2/droplets',
    key: 'droplets',
    id: 'id',
    inputs: ({ size_slug, name }) => ({ size: size_slug, name }),
    region: ({ region }) => (region as Item | undefined)?.slug,
  },
  {
    type: 'digitalocean:index/databaseCluster:DatabaseCluster',
    path: '/v2/databases',
    key: 'databases',
    id: 'id',
    inputs: ({ size, engine }) => ({ size, engine }),
    region: ({ region }) => region,
  },
  {
    type: 'digitalocean:index/kubernetesCluster:KubernetesCluster',
    path: '/v2/kubernetes/clusters',
    key: 'kubernetes_clusters',
    id: 'id',
    region: ({ region }) => region,
  },
  { type: 'digitalocean:index/loadBalancer:LoadBalancer', path: '/v2/load_balancers', key: 'load_balancers', id: 'id' },
  { type: 'digitalocean:index/volume:Volume', path: '/v2/volumes', key: 'volumes', id: 'id' },
  { type: 'digitalocean:index/reservedIp:ReservedIp', path: '/v2/reserved_ips', key: 'reserved_ips', id: 'ip' },
]

const APP = 'digitalocean:index/app:App'
const REGISTRY = 'digitalocean:index/containerRegistry:ContainerRegistry'

/** What this survey lists. Spaces are not in the API, and Functions are listed by namespace only. */
export const types: readonly string[] = [APP, REGISTRY, ...LISTS.map((one) => one.type)]

/** Everything of the team. Nothing here carries our tag: an App is ours by its name, which only its workspace knows. */
const survey: Survey = async (context) => {
  const found: Found[] = []
  for (const { id, spec } of await listApps(context)) {
    const inputs = { spec: camel(spec) }
    found.push({ type: APP, id, region: String(spec.region ?? ''), inputs })
  }
  found.push(...(await findRegistry(context)))
  for (const { type, path, key, id, inputs, region } of LISTS) {
    for (const one of await list(context, path, key, itemSchema))
      found.push({ type, id: String(one[id]), region: String(region?.(one) ?? ''), inputs: inputs?.(one) ?? {} })
  }
  return found
}

export default survey

async function findRegistry(context: WatchContext): Promise<Found[]> {
  const registry = await call(context, '/v2/registry', z.object({ registry: z.object({ name: z.string() }) }))
  if (registry === undefined) return []
  const plan = await call(
    context,
    '/v2/registry/subscription',
    z.object({ subscription: z.object({ tier: z.object({ slug: z.string().optional() }) }) }),
  )
  const { name } = registry.registry
  return [
    { type: REGISTRY, id: name, region: '', inputs: { name, subscriptionTierSlug: plan?.subscription.tier.slug } },
  ]
}
