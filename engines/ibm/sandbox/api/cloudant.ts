import type { ApiCall, ApiReply, ApiWorld, Json } from '../../../../stacks/contract/sandbox.ts'
import { Refusal } from '../refusal.ts'
import { DATABASE, INSTANCE } from '../types.ts'

/** Databases of an instance and their documents, as far as storing and reading them one by one goes. */
export async function cloudant(call: ApiCall, world: ApiWorld): Promise<ApiReply | undefined> {
  const { method, host, headers } = call
  const instance = (await world.list(INSTANCE)).find((one) => one.outputs.host === host)
  if (instance === undefined) throw new Refusal(404, 'not_found', 'Database does not exist.')
  const [name, document] = call.path.split('/').filter(Boolean).map(decodeURIComponent)
  if (name === undefined) return { status: 200, body: { couchdb: 'Welcome', vendor: { name: 'IBM Cloudant' } } }
  const id = `${host}/${name}`
  const there = (await world.list(DATABASE)).some((one) => one.id === id)
  if (document === undefined && method === 'PUT') {
    if (there) throw new Refusal(412, 'file_exists', 'The database could not be created, the file already exists.')
    await world.make(DATABASE, { host, name }, headers['x-correlation-id'])
    return { status: 201, body: { ok: true } }
  }
  if (!there) throw new Refusal(404, 'not_found', 'Database does not exist.')
  const records = world.records(DATABASE, id)
  if (document === undefined) {
    if (method === 'GET') return { status: 200, body: { db_name: name, doc_count: (await records.list()).length } }
    if (method !== 'DELETE') return undefined
    await world.remove(DATABASE, id)
    return { status: 200, body: { ok: true } }
  }
  const old = await records.get(document)
  if (method === 'PUT') return put(document, old, call, world, (value) => records.put(document, value))
  if (old === undefined) throw new Refusal(404, 'not_found', 'missing')
  if (method === 'GET') return { status: 200, body: old }
  if (method !== 'DELETE') return undefined
  if (call.query.rev !== old._rev) throw conflict()
  await records.delete(document)
  return { status: 200, body: { ok: true, id: document } }
}

async function put(
  id: string,
  old: Json | undefined,
  { body }: ApiCall,
  world: ApiWorld,
  store: (value: Json) => Promise<void>,
): Promise<ApiReply> {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Json
  if (given._rev !== old?._rev) throw conflict()
  const rev = `${Number(String(old?._rev ?? '0').split('-')[0]) + 1}-${world.hex(32)}`
  await store({ ...given, _id: id, _rev: rev })
  return { status: 201, body: { ok: true, id, rev } }
}

function conflict(): Refusal {
  return new Refusal(409, 'conflict', 'Document update conflict.')
}
