import type { ApiReply, Json, Records } from '../../../../stacks/contract/sandbox.ts'
import type { Asked } from './asked.ts'
import { done, unknown } from './replies.ts'

const BLOB = 'blob '

/** What lies under one name, by key: blobs, manifests, tags, uploads that are under way. */
export function recordsOf({ world, given, name }: Pick<Asked, 'world' | 'given' | 'name'>): Records {
  return world.records(given.type, `//${name}`)
}

/** A blob that is there: its size, its bytes, or its end. */
export async function blob(asked: Asked, digest: string): Promise<ApiReply> {
  const { call, world } = asked
  const size = await sizeOfBlob(recordsOf(asked), digest)
  if (size === undefined) return unknown(404, 'BLOB_UNKNOWN', `blob unknown to registry: ${digest}`)
  const headers = { 'docker-content-digest': digest, 'content-type': 'application/octet-stream' }
  if (call.method === 'HEAD') return done(200, { ...headers, 'content-length': String(size) })
  if (call.method !== 'GET') return unknown(405, 'UNSUPPORTED', `there is no ${call.method} of a blob`)
  return { status: 200, body: (await world.kept(hexOf(digest))) ?? new Uint8Array(), headers }
}

export async function sizeOfBlob(records: Records, digest: string): Promise<number | undefined> {
  const found: Json | undefined = await records.get(`${BLOB}${digest}`)
  return found === undefined ? undefined : Number(found.size)
}

export function putBlob(records: Records, digest: string, size: number): Promise<void> {
  return records.put(`${BLOB}${digest}`, { size })
}

export async function dropBlob(records: Records, digest: string): Promise<void> {
  await records.delete(`${BLOB}${digest}`)
}

/** The hex of a digest, under which bytes are kept. */
export function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '')
}
