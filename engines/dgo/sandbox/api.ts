import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import { APP } from './app.ts'
import { DROPLET } from './billable.ts'
import { identify } from './identify.ts'
import { DOMAIN, REGISTRY } from './names.ts'
import { bill } from './prices.ts'
import { snake } from './snake.ts'

const HOSTS = ['', 'api.digitalocean.com']
const NOT_FOUND: ApiReply = {
  status: 404,
  body: { id: 'not_found', message: 'The resource you were accessing could not be found.' },
}

/** Whose token it is. */
export function callerOf({ headers }: ApiCall): string | ApiReply {
  try {
    return identify({ token: /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] }).cloudAccount
  } catch {
    return { status: 401, body: { id: 'Unauthorized', message: 'Unable to authenticate you' } }
  }
}

/** The part of the API that look-ups and watching use. */
export async function api(call: ApiCall, world: World): Promise<ApiReply> {
  if (!HOSTS.includes(call.host)) return NOT_FOUND
  const list = async (key: string, type?: string, show: (one: StoredResource) => Json = (one) => ({ id: one.id })) =>
    page(call, key, type === undefined ? [] : (await world.list(type)).map(show))
  switch (`${call.method} ${call.path}`) {
    case 'GET /v2/account':
      return ok({ account: account(world.cloudAccount) })
    case 'GET /v2/customers/my/balance':
      return ok(await balance(world))
    case 'POST /v2/apps/metrics/bandwidth_usage/daily':
      return ok(await bandwidth(call.body as { app_ids?: string[]; date?: string }, world))
    case 'GET /v2/apps':
      return list('apps', APP, shownApp)
    case 'GET /v2/droplets':
      return list('droplets', DROPLET, (one) => ({
        id: Number(one.id),
        name: one.inputs.name,
        size_slug: one.inputs.size,
        region: { slug: one.inputs.region },
        tags: one.inputs.tags ?? [],
      }))
    case 'GET /v2/domains':
      return list('domains', DOMAIN, (one) => ({ name: one.id, ttl: 1800 }))
    case 'GET /v2/registry': {
      const registry = (await world.list(REGISTRY))[0]
      return registry === undefined ? NOT_FOUND : ok({ registry: { name: registry.id, storage_usage_bytes: 0 } })
    }
    case 'GET /v2/registry/subscription': {
      const registry = (await world.list(REGISTRY))[0]
      return registry === undefined
        ? NOT_FOUND
        : ok({ subscription: { tier: { slug: registry.inputs.subscriptionTierSlug } } })
    }
    case 'GET /v2/databases':
      return list('databases')
    case 'GET /v2/kubernetes/clusters':
      return list('kubernetes_clusters')
    case 'GET /v2/load_balancers':
      return list('load_balancers')
    case 'GET /v2/volumes':
      return list('volumes')
    case 'GET /v2/reserved_ips':
      return list('reserved_ips')
    case 'GET /v2/firewalls':
      return list('firewalls')
  }
  return NOT_FOUND
}

function account(team: string): Json {
  return {
    droplet_limit: 10,
    floating_ip_limit: 3,
    email: 'owner@example.org',
    uuid: team,
    email_verified: true,
    status: 'active',
    status_message: '',
    team: { uuid: team, name: 'Sandbox' },
  }
}

async function balance(world: World): Promise<Json> {
  const resources = await world.metered()
  const lines = bill({ id: world.cloudAccount, plan: '', resources, now: world.now() })
  const usd = lines.reduce((sum, line) => sum + line.amount, 0).toFixed(2)
  return {
    month_to_date_balance: usd,
    account_balance: '0.00',
    month_to_date_usage: usd,
    generated_at: new Date(world.now()).toISOString(),
  }
}

/** What some Apps sent on one day. Days show when they are over. */
async function bandwidth(asked: { app_ids?: string[]; date?: string }, world: World): Promise<Json> {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const date = (asked.date ?? day(world.now() - 86_400_000)).slice(0, 10)
  const over = date < day(world.now())
  const apps = (await world.metered()).filter((one) => one.type === APP && asked.app_ids?.includes(one.id))
  return {
    app_bandwidth_usage: over
      ? apps.map((one) => ({ app_id: one.id, bandwidth_bytes: String(one.days[date]?.egressBytes ?? 0) }))
      : [],
    date: `${date}T00:00:00Z`,
  }
}

function page({ query, path }: ApiCall, key: string, all: Json[]): ApiReply {
  const number = positive(query.page, 1)
  const size = Math.min(200, positive(query.per_page, 20))
  const more = number * size < all.length
  return ok({
    [key]: all.slice((number - 1) * size, number * size),
    links: more ? { pages: { next: `https://api.digitalocean.com${path}?page=${number + 1}&per_page=${size}` } } : {},
    meta: { total: all.length },
  })
}

function shownApp(app: StoredResource): Json {
  return {
    id: app.id,
    owner_uuid: app.outputs.projectId,
    spec: snake(app.inputs.spec),
    live_url: app.outputs.liveUrl,
    created_at: app.outputs.createdAt,
    updated_at: app.outputs.updatedAt,
  }
}

function ok(body: Json): ApiReply {
  return { status: 200, body }
}

function positive(text: string | undefined, otherwise: number): number {
  const number = Number(text ?? otherwise)
  return Number.isInteger(number) && number > 0 ? number : otherwise
}
