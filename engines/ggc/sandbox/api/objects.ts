import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { count, isCounter } from '../counters.ts'
import { BUCKET } from '../storage.ts'
import { ok, refused } from './reply.ts'

const AT = /^\/(upload\/)?storage\/v1\/b\/([^/]+)\/o(?:\/(.+))?$/

/** Objects that functions keep in a bucket: put, get, list, delete, by the JSON API. */
export async function objects(call: ApiCall, world: World): Promise<ApiReply> {
  const [, upload, bucketName = '', encoded] = AT.exec(call.path) ?? []
  const bucket = (await world.list(BUCKET)).find((one) => one.id === bucketName)
  if (bucket === undefined) return refused(404, 'notFound', 'The specified bucket does not exist.')
  const name = encoded === undefined ? undefined : decodeURIComponent(encoded)
  const reply = await answer(call, { bucket, name, upload: upload !== undefined }, world)
  const egressBytes = reply.body instanceof Uint8Array ? reply.body.byteLength : JSON.stringify(reply.body).length
  await count(world.records(BUCKET, bucket.id), methodOf(call, name), world.now(), 1)
  await world.count(bucket, { requests: 1, egressBytes, busyMs: 0 })
  return reply
}

/** Bytes of what functions keep in a bucket. */
export async function bytesIn(bucket: string, world: World): Promise<number> {
  const all = await world.records(BUCKET, bucket).list()
  return all.filter(({ key }) => !isCounter(key)).reduce((sum, { value }) => sum + Number(value.size), 0)
}

interface Place {
  bucket: StoredResource
  name: string | undefined
  upload: boolean
}

async function answer(call: ApiCall, { bucket, name, upload }: Place, world: World): Promise<ApiReply> {
  const records = world.records(BUCKET, bucket.id)
  if (upload && call.method === 'POST' && call.query.uploadType === 'media' && call.query.name !== undefined) {
    const bytes = call.bytes ?? new Uint8Array()
    const object: Json = {
      kind: 'storage#object',
      bucket: bucket.id,
      name: call.query.name,
      size: String(bytes.byteLength),
      contentType: call.headers['content-type'] ?? 'application/octet-stream',
      updated: new Date(world.now()).toISOString(),
      kept: await world.keep(bytes),
    }
    await records.put(call.query.name, object)
    return ok(shown(object))
  }
  if (name === undefined && call.method === 'GET') {
    const found = await records.list(call.query.prefix ?? '')
    return ok({
      kind: 'storage#objects',
      items: found.filter(({ key }) => !isCounter(key)).map(({ value }) => shown(value)),
    })
  }
  const found = name === undefined ? undefined : await records.get(name)
  if (name === undefined || found === undefined) return refused(404, 'notFound', `No such object: ${bucket.id}/${name}`)
  if (call.method === 'DELETE') {
    await records.delete(name)
    return { status: 204, body: {} }
  }
  if (call.method !== 'GET') return refused(405, 'methodNotAllowed', `there is no ${call.method} of an object`)
  if (call.query.alt !== 'media') return ok(shown(found))
  const bytes = (await world.kept(String(found.kept))) ?? new Uint8Array()
  return { status: 200, body: bytes, headers: { 'content-type': String(found.contentType) } }
}

/** As Cloud Monitoring names it. */
function methodOf({ method }: ApiCall, name: string | undefined): string {
  if (method === 'POST') return 'WriteObject'
  if (method === 'DELETE') return 'DeleteObject'
  return name === undefined ? 'ListObjects' : 'ReadObject'
}

function shown({ kept: _, ...object }: Json): Json {
  return object
}
