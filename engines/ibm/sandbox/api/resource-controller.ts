import type { ApiCall, ApiReply, ApiWorld, Json, StoredResource } from '../../../../stacks/contract/sandbox.ts'
import { Refusal } from '../refusal.ts'
import { INSTANCE, KEY, OTHER, PROJECT } from '../types.ts'

const PLANS: Record<string, string> = { 'cloudant-lite': 'lite', 'cloudant-standard': 'standard' }

/** Instances of services and keys for them. Code Engine's projects are instances too. */
export async function resourceController(call: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  const [, kind, id] = /^\/v[12]\/(resource_instances|resource_keys|reclamations)(?:\/([^/]+))?$/.exec(call.path) ?? []
  // What was removed here is gone at once.
  if (kind === 'reclamations') return { status: 200, body: { resources: [] } }
  if (kind === undefined) return undefined
  const types = kind === 'resource_keys' ? [KEY] : [INSTANCE, OTHER, PROJECT]
  const all = (await world.list()).filter((one) => types.includes(one.type))
  const shown = kind === 'resource_keys' ? shownKey : (one: StoredResource) => shownInstance(one, world)
  if (id === undefined) {
    if (call.method === 'POST') return { status: 201, body: shown(await make(kind, call, world)) }
    const { name } = call.query
    const asked = all.map(shown).filter((one) => name === undefined || one.name === name)
    return call.method === 'GET' ? { status: 200, body: { rows_count: asked.length, resources: asked } } : undefined
  }
  const found = all.find((one) => shown(one).guid === id)
  if (found === undefined) throw new Refusal(404, 'RC-ResourceNotFound', `there is no ${id} in ${kind}`)
  if (call.method === 'GET') return { status: 200, body: shown(found) }
  if (call.method !== 'DELETE') return undefined
  // What belongs to an instance goes with it.
  for (const one of await world.list()) {
    const owned = one.inputs.source === found.outputs.crn || one.inputs.host === found.outputs.host
    if (owned && one.id !== found.id && found.type === INSTANCE) await world.remove(one.type, one.id)
  }
  await world.remove(found.type, found.id)
  return { status: 202, body: {} }
}

async function make(kind: string, call: ApiCall, world: ApiWorld): Promise<StoredResource> {
  const urn = call.headers['x-correlation-id']
  const { name, target, source, role, resource_plan_id, resource_group } = (call.body ?? {}) as Json
  if (kind === 'resource_keys') return world.make(KEY, { name, source, role }, urn)
  if (resource_group === undefined) throw new Refusal(400, 'RC-BadRequest', 'resource_group is required')
  const plan = PLANS[String(resource_plan_id)]
  if (plan === undefined) throw new Refusal(404, 'RC-PlanNotFound', `there is no plan ${String(resource_plan_id)}`)
  return world.make(INSTANCE, { name, region: target, plan }, urn)
}

function shownInstance({ type, inputs, outputs }: StoredResource, world: ApiWorld): Json {
  const service = type === PROJECT ? 'codeengine' : type === INSTANCE ? 'cloudantnosqldb' : String(inputs.service)
  const region = String(inputs.region ?? 'global')
  const guid = type === PROJECT ? String(outputs.guid) : String(outputs.crn).split(':')[7]
  const crn = outputs.crn ?? `crn:v1:bluemix:public:${service}:${region}:a/${world.cloudAccount}:${guid}::`
  const plan = Object.entries(PLANS).find(([, one]) => one === inputs.plan)?.[0]
  return {
    guid,
    crn,
    id: crn,
    name: inputs.name,
    region_id: region,
    account_id: world.cloudAccount,
    resource_id: service,
    resource_plan_id: type === INSTANCE ? plan : `${service}-${String(inputs.plan ?? 'standard')}`,
    state: 'active',
    type: 'service_instance',
    ...(type === INSTANCE ? { extensions: { endpoints: { public: outputs.host } } } : {}),
  }
}

function shownKey({ id, inputs, outputs }: StoredResource): Json {
  const { name, source, role } = inputs
  return {
    guid: id,
    name,
    source_crn: source,
    role: `crn:v1:bluemix:public:iam::::serviceRole:${String(role)}`,
    state: 'active',
    credentials: { apikey: outputs.apikey, iam_apikey_name: name },
  }
}
