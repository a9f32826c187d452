import type { ApiCall, ApiReply, ApiWorld, Json } from '../../../../stacks/contract/sandbox.ts'
import { denied, registry as distribution } from '../../../parts/sandbox/registry.ts'
import { Refusal } from '../refusal.ts'
import { countPull, limitOf, planOf, setLimit, takePlan, usedOf } from '../registry.ts'
import { IMAGE, NAMESPACE } from '../types.ts'
import { tokenOf } from './iam.ts'

const TOKENS = '/oauth/token'
const BLOB = /^\/v2\/.*\/blobs\/sha256:[0-9a-f]{64}$/

/** Container Registry at one of its hosts: its own API, and the one that all registries have. */
export async function registry(call: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  if (call.path === TOKENS) {
    const token = tokenOf(world.cloudAccount, Math.floor(Date.now() / 1000))
    return { status: 200, body: { token, access_token: token, expires_in: 3600 } }
  }
  if (call.path.startsWith('/v2')) return images(call, world)
  if (call.headers.account !== world.cloudAccount)
    throw new Refusal(403, 'CRN0002E', 'the header Account does not name an account of this user')
  const [, kind, rest = ''] = /^\/api\/v1\/([a-z]+)(?:\/(.*))?$/.exec(call.path) ?? []
  switch (kind) {
    case 'plans':
      if (call.method === 'PATCH') await takePlan(world, call.host, (call.body as Json).plan)
      return { status: 200, body: { plan: await planOf(world, call.host) } }
    case 'quotas':
      return quotas(call, world)
    case 'namespaces':
      return namespaces(call, world, rest)
    case 'images':
      return rest === 'digests' ? digests(call, world) : removal(call, world, decodeURIComponent(rest))
  }
  return undefined
}

async function images(call: ApiCall, world: ApiWorld): Promise<ApiReply> {
  const pull = call.method === 'GET' && BLOB.test(call.path)
  const reply = await distribution(call, world, {
    engine: 'ibm',
    type: IMAGE,
    tokens: TOKENS,
    async refuses(name, action) {
      const [namespace] = name.split('/')
      const there = (await world.list(NAMESPACE)).some(({ id }) => id === `${call.host}/${namespace}`)
      if (!there) return denied(`You are not authorized to access the namespace ${namespace}`)
      const [used, limit] = [await usedOf(world, call.host), await limitOf(world, call.host)]
      // What reaches the limit still comes in, as at IBM: the next one does not.
      if (action === 'push' && used.storage >= limit.storage)
        return denied('You have exceeded your storage quota. Delete one or more images, or review your storage quota.')
      return pull && used.traffic >= limit.traffic
        ? denied('You have exceeded your pull traffic quota for the current month.')
        : undefined
    },
  })
  if (pull && reply.body instanceof Uint8Array) await countPull(world, call.host, reply.body.byteLength)
  return reply
}

async function quotas({ method, host, body }: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  if (method === 'PATCH') {
    const { storage_megabytes: storage, traffic_megabytes: traffic } = (body ?? {}) as Record<string, number>
    await setLimit(world, host, {
      ...(storage === undefined ? {} : { storage }),
      ...(traffic === undefined ? {} : { traffic }),
    })
    return { status: 200, body: {} }
  }
  if (method !== 'GET') return undefined
  const shown = ({ storage, traffic }: { storage: number; traffic: number }) => ({
    storage_bytes: storage,
    traffic_bytes: traffic,
  })
  return { status: 200, body: { limit: shown(await limitOf(world, host)), usage: shown(await usedOf(world, host)) } }
}

async function namespaces(call: ApiCall, world: ApiWorld, name: string): Promise<ApiReply | undefined> {
  const { method, host, headers } = call
  const ours = (await world.list(NAMESPACE)).filter((one) => one.inputs.registry === host)
  if (name === '') return method === 'GET' ? { status: 200, body: ours.map((one) => one.inputs.name) } : undefined
  const there = ours.find((one) => one.inputs.name === name)
  if (method === 'PUT') {
    if (headers['x-auth-resource-group'] === undefined) throw new Refusal(400, 'CRN0003E', 'name a resource group')
    if (there === undefined) await world.make(NAMESPACE, { registry: host, name }, headers['x-correlation-id'])
    return { status: there === undefined ? 201 : 200, body: { namespace: name } }
  }
  if (method !== 'DELETE') return undefined
  if (there === undefined) throw new Refusal(404, 'CRN0013E', `there is no namespace ${name}`)
  for (const { id } of await world.list(IMAGE)) if (id.startsWith(`${host}/${name}/`)) await removed(id, call, world)
  await world.remove(NAMESPACE, there.id)
  return { status: 204, body: {} }
}

/** All images by digest, also those without a tag. */
async function digests({ method, host }: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  if (method !== 'POST') return undefined
  const found = (await world.list(IMAGE)).filter(({ inputs }) => String(inputs.repository).startsWith(`${host}/`))
  const shown = ({ inputs, createdAt }: { inputs: Json; createdAt: number }): Json => ({
    id: `sha256:${String(inputs.digest)}`,
    manifestType: 'OCI Image Manifest v1',
    repoTags: { [String(inputs.repository)]: {} },
    size: inputs.bytes,
    created: Math.floor(createdAt / 1000),
  })
  return { status: 200, body: found.map(shown) }
}

async function removal(call: ApiCall, world: ApiWorld, reference: string): Promise<ApiReply | undefined> {
  if (call.method !== 'DELETE') return undefined
  const there = (await world.list(IMAGE)).some(({ id }) => id === reference)
  if (!there || !reference.startsWith(`${call.host}/`))
    throw new Refusal(404, 'CRN0012E', `there is no image ${reference}`)
  await removed(reference, call, world)
  return { status: 200, body: { Untagged: reference } }
}

/** With the layers that no other image has. */
async function removed(reference: string, call: ApiCall, world: ApiWorld): Promise<void> {
  const [, name, digest] = /^[^/]+\/(.+)@(sha256:[0-9a-f]{64})$/.exec(reference) ?? []
  const headers = { ...call.headers, authorization: 'Bearer ours' }
  await images({ ...call, method: 'DELETE', path: `/v2/${name}/manifests/${digest}`, headers }, world)
  // What was planted has no manifest.
  await world.remove(IMAGE, reference)
}
