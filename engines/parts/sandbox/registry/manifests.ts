import { createHash } from 'node:crypto'
import type { ApiReply, Json } from '../../../../stacks/contract/sandbox.ts'
import { manifestSchema } from '../../image/oci.ts'
import type { Asked } from './asked.ts'
import { dropBlob, hexOf, recordsOf, sizeOfBlob } from './blobs.ts'
import { blobsOf, findImage } from './images.ts'
import { done, unknown } from './replies.ts'

const MANIFEST = 'manifest '
const TAG = 'tag '
const DIGEST = /^sha256:[0-9a-f]{64}$/

/** A manifest by digest or tag: put, it makes an image; deleted, the image goes with the blobs that no other one has. */
export async function manifest(asked: Asked, reference: string): Promise<ApiReply> {
  const { call, world, given } = asked
  if (call.method === 'PUT') return put(asked, reference)
  const records = recordsOf(asked)
  const digest = DIGEST.test(reference) ? reference : String((await records.get(`${TAG}${reference}`))?.digest)
  const image = await findImage(world, given.type, idOf(asked, digest))
  const kept = (await records.get(`${MANIFEST}${digest}`)) as Kept | undefined
  if (image === undefined || kept === undefined)
    return unknown(404, 'MANIFEST_UNKNOWN', `manifest unknown: ${reference}`)
  const headers = { 'docker-content-digest': digest, 'content-type': kept.mediaType }
  switch (call.method) {
    case 'HEAD':
      return done(200, { ...headers, 'content-length': String(kept.size) })
    case 'GET':
      return { status: 200, body: (await world.kept(hexOf(digest))) ?? new Uint8Array(), headers }
    case 'DELETE':
      await world.remove(given.type, image.id)
      await forget(asked, digest)
      return done(202)
    default:
      return unknown(405, 'UNSUPPORTED', `there is no ${call.method} of a manifest`)
  }
}

/** Names beside digests. */
export async function tags(asked: Asked): Promise<ApiReply> {
  const found = await recordsOf(asked).list(TAG)
  return { status: 200, body: { name: asked.name, tags: found.map(({ key }) => key.slice(TAG.length)) } }
}

interface Kept {
  mediaType: string
  size: number
  blobs: string[]
}

async function put(asked: Asked, reference: string): Promise<ApiReply> {
  const { call, world, given, name, addressOf } = asked
  const bytes = call.bytes ?? new Uint8Array()
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  if (reference.includes(':') && reference !== digest)
    return unknown(400, 'DIGEST_INVALID', `expected ${digest}, got ${reference}`)
  const parsed = manifestSchema.safeParse(call.body)
  if (!parsed.success) return unknown(400, 'MANIFEST_INVALID', 'expected the manifest of one image')
  const records = recordsOf(asked)
  const blobs = blobsOf(parsed.data)
  for (const one of blobs) {
    if ((await sizeOfBlob(records, one.digest)) !== one.size)
      return unknown(400, 'MANIFEST_BLOB_UNKNOWN', `blob unknown to registry: ${one.digest}`)
  }
  const mediaType = call.headers['content-type'] ?? parsed.data.mediaType ?? 'application/json'
  const kept: Kept = { mediaType, size: bytes.byteLength, blobs: blobs.map((one) => one.digest) }
  await world.keep(bytes)
  await records.put(`${MANIFEST}${digest}`, { ...kept })
  if (!reference.includes(':')) await records.put(`${TAG}${reference}`, { digest })
  if ((await findImage(world, given.type, idOf(asked, digest))) === undefined) {
    const inputs: Json = {
      repository: `${call.host}/${name}`,
      digest: hexOf(digest),
      bytes: bytes.byteLength + blobs.reduce((sum, one) => sum + one.size, 0),
    }
    // Who pushes says for which resource: nothing else of a registry tells.
    await world.make(given.type, inputs, call.headers['x-correlation-id'])
  }
  return done(201, { location: addressOf(`/v2/${name}/manifests/${digest}`), 'docker-content-digest': digest })
}

/** What was the image's alone. */
async function forget(asked: Asked, digest: string): Promise<void> {
  const records = recordsOf(asked)
  const gone = (await records.get(`${MANIFEST}${digest}`)) as Kept | undefined
  await records.delete(`${MANIFEST}${digest}`)
  for (const { key, value } of await records.list(TAG)) if (value.digest === digest) await records.delete(key)
  const left = await records.list(MANIFEST)
  const used = new Set(left.flatMap(({ value }) => (value as unknown as Kept).blobs))
  for (const one of gone?.blobs ?? []) if (!used.has(one)) await dropBlob(records, one)
}

function idOf({ call, name }: Asked, digest: string): string {
  return `${call.host}/${name}@${digest}`
}
