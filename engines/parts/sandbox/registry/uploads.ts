import { createHash, randomUUID } from 'node:crypto'
import type { ApiReply, Records, World } from '../../../../stacks/contract/sandbox.ts'
import type { Asked } from './asked.ts'
import { hexOf, putBlob, recordsOf, sizeOfBlob } from './blobs.ts'
import { done, unknown } from './replies.ts'

const UPLOAD = 'upload '

interface Pieces {
  /** sha256 of each piece that has come, in their order. */
  kept: string[]
  size: number
}

/** A blob on its way: begun by POST, brought by PATCH or with the PUT that ends it, which names its digest. */
export async function upload(asked: Asked, id: string): Promise<ApiReply> {
  const { call, world, given } = asked
  const records = recordsOf(asked)
  const bytes = call.bytes ?? new Uint8Array()
  if (call.method === 'POST' && id === '') return begin(asked, records, bytes)
  const pieces = (await records.get(`${UPLOAD}${id}`)) as Pieces | undefined
  if (pieces === undefined) return unknown(404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry')
  switch (call.method) {
    case 'GET':
      return done(204, progress(asked, id, pieces.size))
    case 'DELETE':
      await records.delete(`${UPLOAD}${id}`)
      return done(204)
    case 'PATCH': {
      const from = /^(?:bytes )?(\d+)-/.exec(call.headers['content-range'] ?? '')?.[1]
      if (given.chunks !== true && (from !== undefined || pieces.size > 0))
        return unknown(405, 'UNSUPPORTED', 'chunked uploads are not supported')
      if (from !== undefined && Number(from) !== pieces.size)
        return {
          ...unknown(416, 'BLOB_UPLOAD_INVALID', 'invalid content range'),
          headers: progress(asked, id, pieces.size),
        }
      const next = await added(pieces, bytes, world)
      await records.put(`${UPLOAD}${id}`, { ...next })
      return done(202, progress(asked, id, next.size))
    }
    case 'PUT':
      return end(asked, records, { id, pieces: await added(pieces, bytes, world) })
    default:
      return unknown(405, 'UNSUPPORTED', `there is no ${call.method} of an upload`)
  }
}

async function begin(asked: Asked, records: Records, bytes: Uint8Array): Promise<ApiReply> {
  const { call, world, given } = asked
  const { mount, from, digest } = call.query
  if (mount !== undefined && from !== undefined && (await given.refuses(from, 'pull')) === undefined) {
    const size = await sizeOfBlob(recordsOf({ ...asked, name: from }), mount)
    if (size !== undefined) {
      await putBlob(records, mount, size)
      return created(asked, mount)
    }
  }
  const id = randomUUID()
  if (digest !== undefined) return end(asked, records, { id, pieces: await added({ kept: [], size: 0 }, bytes, world) })
  await records.put(`${UPLOAD}${id}`, { kept: [], size: 0 })
  const piece: Record<string, string> = given.chunks === true ? { 'oci-chunk-min-length': '1' } : {}
  return done(202, { ...progress(asked, id, 0), ...piece })
}

async function end(asked: Asked, records: Records, { id, pieces }: { id: string; pieces: Pieces }): Promise<ApiReply> {
  const { call, world } = asked
  const digest = call.query.digest ?? ''
  const parts = await Promise.all(pieces.kept.map((hex) => world.kept(hex)))
  const whole = Buffer.concat(parts.filter((part) => part !== undefined))
  await records.delete(`${UPLOAD}${id}`)
  if (digest !== `sha256:${createHash('sha256').update(whole).digest('hex')}`)
    return unknown(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
  // What came in one piece is kept already under its digest.
  if (pieces.kept[0] !== hexOf(digest)) await world.keep(whole)
  await putBlob(records, digest, whole.byteLength)
  return created(asked, digest)
}

async function added({ kept, size }: Pieces, bytes: Uint8Array, world: World): Promise<Pieces> {
  return bytes.byteLength === 0
    ? { kept, size }
    : { kept: [...kept, await world.keep(bytes)], size: size + bytes.byteLength }
}

function created({ addressOf, name }: Asked, digest: string): ApiReply {
  return done(201, { location: addressOf(`/v2/${name}/blobs/${digest}`), 'docker-content-digest': digest })
}

function progress({ addressOf, name }: Asked, id: string, size: number): Record<string, string> {
  const location = addressOf(`/v2/${name}/blobs/uploads/${id}`)
  return { location, 'docker-upload-uuid': id, range: `0-${Math.max(0, size - 1)}` }
}
