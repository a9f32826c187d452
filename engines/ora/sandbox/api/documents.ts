import { randomUUID } from 'node:crypto'
import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { AUTONOMOUS } from '../databases.ts'
import { reachesServices } from '../network.ts'

const PATH = /^\/ords\/admin\/soda\/latest\/([^/]+)(?:\/([^/]+))?$/

/**
 * "SODA for REST" of an autonomous database, as far as programs need it: collections, and documents by their key. It
 * answers whoever has the administrator's password, and only where one of the networks in its list could reach it.
 */
export async function documents(call: ApiCall, world: World): Promise<ApiReply> {
  const database = (await world.list(AUTONOMOUS)).find((one) => one.outputs.host === call.host)
  if (database === undefined) return refused(404, 'there is no such database')
  const listed = Array.isArray(database.inputs.whitelistedIps) ? database.inputs.whitelistedIps : []
  if (!(await reachesServices(listed, world)))
    return refused(403, 'ORA-12506: the connection was refused by the access control list of the service')
  if (database.inputs.state === 'STOPPED') return refused(503, 'the database is stopped')
  const proof = Buffer.from(`ADMIN:${String(database.inputs.adminPassword)}`).toString('base64')
  if (call.headers.authorization !== `Basic ${proof}`) return refused(401, 'Unauthorized')
  const [, collection, key] = PATH.exec(call.path) ?? []
  if (collection === undefined) return refused(404, `there is no ${call.path}`)
  const reply = await answer(call, { database, collection, key: key && decodeURIComponent(key) }, world)
  const egressBytes = Buffer.byteLength(JSON.stringify(reply.body ?? ''))
  await world.count(database, { requests: 1, egressBytes, busyMs: 0 })
  return reply
}

async function answer(
  { method, body }: ApiCall,
  { database, collection, key }: { database: StoredResource; collection: string; key: string | undefined },
  world: World,
): Promise<ApiReply> {
  const records = world.records(AUTONOMOUS, database.id)
  const made = (await records.get(collection)) !== undefined
  if (method === 'PUT' && key === undefined) {
    await records.put(collection, {})
    return { status: made ? 200 : 201, body: {} }
  }
  if (!made) return refused(404, `the collection ${collection} does not exist`)
  const at = `${collection}/${key ?? ''}`
  if (method === 'POST' && key === undefined) {
    const id = randomUUID().replaceAll('-', '').toUpperCase()
    await records.put(`${collection}/${id}`, { value: body })
    return { status: 201, body: { items: [{ id }], hasMore: false, count: 1 } }
  }
  if (method === 'GET' && key === undefined) {
    const items = (await records.list(`${collection}/`)).map((one) => ({
      id: one.key.slice(collection.length + 1),
      value: one.value.value,
    }))
    return { status: 200, body: { items, hasMore: false, count: items.length } }
  }
  const there = await records.get(at)
  if (there === undefined && method !== 'PUT') return refused(404, `there is no document ${String(key)}`)
  if (method === 'GET') return { status: 200, body: (there as Json).value }
  if (method === 'PUT') {
    await records.put(at, { value: body })
    return { status: there === undefined ? 201 : 200, body: {} }
  }
  if (method !== 'DELETE') return refused(405, `${method} is not allowed`)
  await records.delete(at)
  return { status: 200, body: {} }
}

function refused(status: number, title: string): ApiReply {
  return { status, body: { type: 'about:blank', status, title } }
}
