import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import { subscriptionOf } from './identify.ts'
import { metricsOf } from './metrics.ts'
import { armTypeOf, isPart } from './policy-wall.ts'

const HOST = 'management.azure.com'

/** Whose token a call carries. */
export function callerOf({ headers }: ApiCall): string | ApiReply {
  return (
    subscriptionOf(headers.authorization) ?? {
      status: 401,
      body: { error: { code: 'AuthenticationFailed', message: 'Authentication failed.' } },
    }
  )
}

/** The part of Azure Resource Manager that watching uses. */
export async function api({ method, host, path, query, body }: ApiCall, world: World): Promise<ApiReply> {
  const here = `/subscriptions/${world.cloudAccount}`
  const [, resource] = /^(\/.+)\/providers\/Microsoft\.Insights\/metrics$/.exec(path) ?? []
  if (method === 'GET' && host === HOST && resource !== undefined) return metricsOf(resource, query, world)
  const route = `${method} ${host === HOST ? path : `//${host}`}`
  switch (route) {
    case `GET ${here}`:
      return ok(subscription(world))
    case `GET ${here}/providers/Microsoft.Authorization/policyAssignments`:
      return ok({ value: (await world.list('azure-native:authorization:PolicyAssignment')).map(named) })
    case `GET ${here}/providers/Microsoft.Authorization/permissions`:
      return ok({ value: [{ actions: ['*'], notActions: ['Microsoft.Authorization/*/Delete'] }] })
    case `GET ${here}/providers/Microsoft.Consumption/budgets`:
      return ok({ value: (await world.list('azure-native:consumption:Budget')).map(named) })
    case `GET ${here}/providers/Microsoft.Consumption/usageDetails`:
      return ok({ value: [] })
    case 'POST /providers/Microsoft.ResourceGraph/resources':
      return ok(await graph(body, world))
    default:
      return { status: 404, body: { error: { code: 'NotFound', message: `nothing answers ${route}` } } }
  }
}

/** A free account with its limit on for the sandbox's owner. */
function subscription(world: World): Json {
  return {
    id: `/subscriptions/${world.cloudAccount}`,
    subscriptionId: world.cloudAccount,
    displayName: 'Pipi sandbox',
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'FreeTrial_2014-09-01',
      spendingLimit: 'On',
    },
  }
}

async function graph(body: unknown, world: World): Promise<Json> {
  const asked = (body ?? {}) as { subscriptions?: string[] }
  const all = asked.subscriptions?.includes(world.cloudAccount) === true ? await world.list() : []
  const data = all.flatMap((one) => {
    const type = armTypeOf(one.type)
    // A part of another resource is in no list.
    return type === undefined || isPart(one.type) ? [] : [row(one, type)]
  })
  return { totalRecords: data.length, count: data.length, data, resultTruncated: 'false' }
}

function row(one: StoredResource, type: string): Json {
  const { location, sku, kind, tags, resourceGroupName, ...properties } = one.inputs
  return {
    id: one.id,
    name: one.id.split('/').at(-1),
    type: type.toLowerCase(),
    location: String(location ?? one.outputs.location),
    kind,
    sku,
    tags: tags ?? {},
    resourceGroup: resourceGroupName,
    properties,
  }
}

function named(one: StoredResource): Json {
  return { id: one.id, name: one.id.split('/').at(-1), properties: one.inputs }
}

function ok(body: unknown): ApiReply {
  return { status: 200, body }
}
