import type { ApiCall, ApiReply, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { BUCKET, OBJECT, objectsIn, TICKET } from '../storage.ts'

const ADDRESS = /^(\/p\/[^/]+\/(n\/[^/]+\/b\/[^/]+)\/o\/)(.*)$/

/** Objects through pre-authenticated requests: read, write and list, as far as the request allows; none is deleted so. */
export async function objects(call: ApiCall, world: World): Promise<ApiReply> {
  const [, accessUri, id, encoded = ''] = ADDRESS.exec(call.path) ?? []
  const ticket = (await world.list(TICKET)).find((one) => one.outputs.accessUri === accessUri)
  const bucket = (await world.list(BUCKET)).find((one) => one.id === id)
  if (ticket === undefined || bucket === undefined || Date.parse(String(ticket.inputs.timeExpires)) < world.now())
    return refused(404, 'NotAuthorizedOrNotFound', 'PAR does not exist or has expired')
  const name = decodeURIComponent(encoded)
  const may = String(ticket.inputs.accessType)
  const reply = await answer(
    call,
    { name, may, listing: ticket.inputs.bucketListingAction === 'ListObjects' },
    bucket,
    world,
  )
  const egressBytes = reply.body instanceof Uint8Array ? reply.body.byteLength : 0
  await world.count(bucket, { requests: 1, egressBytes, busyMs: 0 })
  return reply
}

async function answer(
  { method, bytes }: ApiCall,
  { name, may, listing }: { name: string; may: string; listing: boolean },
  bucket: StoredResource,
  world: World,
): Promise<ApiReply> {
  const reads = may.includes('Read')
  if ((method === 'GET' || method === 'HEAD') && name === '' && listing)
    return { status: 200, body: { objects: (await objectsIn(bucket, world)).map((one) => ({ name: one })) } }
  if ((method === 'GET' || method === 'HEAD') && name !== '' && reads) return read(bucket, name, world)
  if (method === 'PUT' && name !== '' && may.includes('Write')) {
    const body = bytes ?? new Uint8Array()
    await world.records(BUCKET, bucket.id).put(name, { kept: await world.keep(body) })
    return { status: 200, body: Buffer.alloc(0) }
  }
  return refused(404, 'NotAuthorizedOrNotFound', `the request does not allow ${method}`)
}

async function read(bucket: StoredResource, name: string, world: World): Promise<ApiReply> {
  const put = await world.records(BUCKET, bucket.id).get(name)
  const declared = (await world.list(OBJECT)).find((one) => one.id === `${bucket.id}/o/${name}`)
  const digest = put?.kept ?? declared?.outputs.versionId
  const bytes = typeof digest === 'string' ? await world.kept(digest) : undefined
  return bytes === undefined
    ? refused(404, 'ObjectNotFound', `The object '${name}' was not found in the bucket '${String(bucket.inputs.name)}'`)
    : { status: 200, body: bytes }
}

function refused(status: number, code: string, message: string): ApiReply {
  return { status, body: { code, message } }
}
