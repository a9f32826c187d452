import type { ApiCall, ApiReply, ApiWorld, Json, StoredResource } from '../../../../stacks/contract/sandbox.ts'
import { Refusal } from '../refusal.ts'
import { REGISTRIES } from '../registry.ts'
import { POLICY, SERVICE_ID, SERVICE_KEY } from '../types.ts'

const TYPES: Record<string, string> = { serviceids: SERVICE_ID, apikeys: SERVICE_KEY, policies: POLICY }
const ROLE = 'crn:v1:bluemix:public:iam::::serviceRole:'

/** IAM's service IDs, their keys, and what they may do. */
export async function identities(call: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  const [, kind = '', id] = /^\/v1\/(serviceids|apikeys|policies)(?:\/([^/]+))?$/.exec(call.path) ?? []
  const type = TYPES[kind]
  if (type === undefined) return undefined
  const all = await world.list(type)
  if (id === undefined) {
    if (call.method === 'POST') return { status: 201, body: shown(await make(type, call, world), world, true) }
    if (call.method !== 'GET') return undefined
    const { name, iam_id } = call.query
    const asked = all.filter(
      ({ inputs }) => (name === undefined || inputs.name === name) && (iam_id === undefined || inputs.iamId === iam_id),
    )
    return { status: 200, body: { [kind]: asked.map((one) => shown(one, world, false)) } }
  }
  const found = all.find((one) => one.id === id)
  if (found === undefined) throw new Refusal(404, 'not_found', `there is no ${id} in ${kind}`)
  if (call.method === 'GET') return { status: 200, body: shown(found, world, true) }
  if (call.method !== 'DELETE') return undefined
  // What a service ID had goes with it.
  if (type === SERVICE_ID)
    for (const one of await world.list())
      if (one.inputs.iamId === found.outputs.iamId) await world.remove(one.type, one.id)
  await world.remove(type, id)
  return { status: 204, body: {} }
}

function make(type: string, { body, headers }: ApiCall, world: ApiWorld): Promise<StoredResource> {
  const { name, account_id, iam_id, store_value, subjects, roles, resources } = (body ?? {}) as Json
  const urn = headers['x-correlation-id']
  if (type === POLICY) return world.make(POLICY, policyOf(subjects, roles, resources), urn)
  if (account_id !== world.cloudAccount) throw new Refusal(403, 'forbidden', 'not an account of this user')
  if (type === SERVICE_ID) return world.make(SERVICE_ID, { name }, urn)
  return world.make(SERVICE_KEY, { name, iamId: iam_id, ...(store_value === true ? { stored: true } : {}) }, urn)
}

function policyOf(subjects: unknown, roles: unknown, resources: unknown): Json {
  const registry = Object.entries(REGISTRIES).find(([, region]) => region === attributeOf(resources, 'region'))?.[0]
  if (attributeOf(resources, 'serviceName') !== 'container-registry')
    throw new Refusal(400, 'invalid_body', 'only policies for container-registry are known here')
  const [{ role_id } = { role_id: '' }] = (roles ?? []) as { role_id: string }[]
  return {
    iamId: attributeOf(subjects, 'iam_id'),
    role: role_id.replace(ROLE, ''),
    ...(registry === undefined ? {} : { registry }),
    namespace: attributeOf(resources, 'resource'),
  }
}

/** The value of a key is shown at its creation, and later where it was to be stored. */
function shown({ type, id, inputs, outputs }: StoredResource, { cloudAccount }: ApiWorld, whole: boolean): Json {
  const { name, iamId, stored, role, registry, namespace } = inputs
  if (type === SERVICE_ID) return { id, iam_id: outputs.iamId, account_id: cloudAccount, name, locked: false }
  if (type === SERVICE_KEY)
    return {
      id,
      name,
      iam_id: iamId,
      account_id: cloudAccount,
      ...(whole && stored === true ? { apikey: outputs.apikey } : {}),
    }
  const attributes = (values: Json) => [
    { attributes: Object.entries(values).map(([key, value]) => ({ name: key, value })) },
  ]
  return {
    id,
    type: 'access',
    state: 'active',
    subjects: attributes({ iam_id: iamId }),
    roles: [{ role_id: `${ROLE}${String(role)}` }],
    resources: attributes({
      accountId: cloudAccount,
      serviceName: 'container-registry',
      region: REGISTRIES[String(registry)],
      resourceType: 'namespace',
      resource: namespace,
    }),
  }
}

function attributeOf(given: unknown, name: string): string | undefined {
  const all = (given ?? []) as { attributes: { name: string; value: string }[] }[]
  return all.flatMap(({ attributes }) => attributes).find((one) => one.name === name)?.value
}
