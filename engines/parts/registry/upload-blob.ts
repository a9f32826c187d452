import { openAsBlob } from 'node:fs'
import type { LayoutBlob } from '../image/layout.ts'
import type { Calls } from './calls.ts'
import { passes, refusal, registryError, statusOf } from './failure.ts'

const CHUNK = 4 * 1024 ** 2
const TRIES = 5

/**
 * Sends a blob unless the registry has it; gives whether it was sent. In one piece, which every registry takes; in
 * chunks where it says that it takes those (`OCI-Chunk-Min-Length`): then an upload that broke goes on where it was.
 */
export async function uploadBlob(calls: Calls, name: string, blob: LayoutBlob): Promise<boolean> {
  const file = await openAsBlob(blob.path)
  if (file.size !== blob.size)
    throw registryError(`${blob.digest} of the layout has ${file.size} bytes, expected ${blob.size}`, 0)
  for (let tries = 1; ; tries += 1) {
    // The answer to an upload may have been lost, not the upload.
    if (await isThere(calls, name, blob.digest)) return tries > 1
    try {
      await upload(calls, name, blob, file)
      return true
    } catch (error) {
      // An upload that the registry has lost is begun anew.
      if (tries === TRIES || !(passes(error) || statusOf(error) === 404)) throw error
      await calls.pause(tries)
    }
  }
}

async function isThere(calls: Calls, name: string, digest: string): Promise<boolean> {
  const answer = await calls.call({
    method: 'HEAD',
    to: `/v2/${name}/blobs/${digest}`,
    purpose: { name, writes: false },
  })
  if (answer.status === 200) return true
  if (answer.status === 404) return false
  throw await refusal(`whether it has ${digest}`, calls.host, answer)
}

async function upload(calls: Calls, name: string, { digest }: LayoutBlob, file: Blob): Promise<void> {
  const purpose = { name, writes: true }
  const opened = await calls.call({ method: 'POST', to: `/v2/${name}/blobs/uploads/`, purpose, body: new Uint8Array() })
  if (opened.status !== 202) throw await refusal('the beginning of an upload', calls.host, opened)
  await opened.body?.cancel()
  const least = Number(opened.headers.get('oci-chunk-min-length') ?? Number.NaN)
  const size = Math.max(CHUNK, least)
  // NaN where it does not say that it takes chunks.
  const chunked = file.size > size
  const place = placeOf(calls, opened)
  const at = chunked ? await sendChunks(calls, name, place, file, size) : place
  const answer = await calls.call({
    method: 'PUT',
    to: `${at}${at.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`,
    purpose,
    headers: { 'content-type': 'application/octet-stream' },
    body: chunked ? new Uint8Array() : file,
    once: true,
  })
  if (answer.status !== 201) throw await refusal(`the upload of ${digest}`, calls.host, answer)
  await answer.body?.cancel()
}

/** Gives the address that the upload is ended at. */
async function sendChunks(calls: Calls, name: string, place: string, file: Blob, size: number): Promise<string> {
  const purpose = { name, writes: true }
  let to = place
  let failures = 0
  for (let from = 0; from < file.size; ) {
    const chunk = file.slice(from, from + size)
    try {
      const answer = await calls.call({
        method: 'PATCH',
        to,
        purpose,
        headers: { 'content-type': 'application/octet-stream', 'content-range': `${from}-${from + chunk.size - 1}` },
        body: chunk,
        once: true,
      })
      if (answer.status !== 202) throw await refusal('a part of an upload', calls.host, answer)
      await answer.body?.cancel()
      to = placeOf(calls, answer)
      from += chunk.size
    } catch (error) {
      failures += 1
      if (failures === TRIES || !(passes(error) || statusOf(error) === 416)) throw error
      await calls.pause(failures)
      ;({ to, from } = await resume(calls, name, to))
    }
  }
  return to
}

/** Where the registry is with an upload that broke. Throws what begins the upload anew where it knows of none. */
async function resume(calls: Calls, name: string, place: string): Promise<{ to: string; from: number }> {
  const answer = await calls.call({ method: 'GET', to: place, purpose: { name, writes: true } })
  await answer.body?.cancel()
  if (answer.status !== 204) throw registryError(`${calls.host} has lost an upload (${answer.status})`, 0)
  const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers.get('range') ?? '') ?? []
  // "0-0" is what some say of nothing.
  const from = last === undefined || last === '0' ? 0 : Number(last) + 1
  return { to: answer.headers.get('location') === null ? place : placeOf(calls, answer), from }
}

/** The address that an upload goes on at; it may be one of another host. */
function placeOf(calls: Calls, answer: Response): string {
  const place = answer.headers.get('location')
  if (place === null) throw registryError(`${calls.host} does not say where the upload goes on`, answer.status)
  return new URL(place, calls.origin).href
}
