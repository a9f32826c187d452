import { createHash } from 'node:crypto'
import type { Layout } from '../image/layout.ts'
import { MANIFEST_BYTES, MEDIA } from '../image/oci.ts'
import { type Call, Calls } from './calls.ts'
import { refusal, registryError } from './failure.ts'
import { uploadBlob } from './upload-blob.ts'

/** One HTTP call; `fetch` in the world. */
export type Send = (url: string, request: RequestInit) => Promise<Response>

export interface Login {
  username: string
  password: string
  /** In place of a password: what Docker keeps as `identitytoken`. */
  identityToken?: string
}

export interface RegistryOptions {
  /** `https://host`; `http://` for this machine only (localhost, 127.0.0.1). A path is put before the API's own. */
  base: string
  login?: Login | undefined
  send?: Send
  signal?: AbortSignal
  /** Sent along with each call to it, so that its own log can be searched for what was changed. */
  headers?: Readonly<Record<string, string>>
  /** First pause before a failed call is made again, milliseconds; doubled each time. */
  pauseMs?: number
}

/**
 * A registry by the OCI distribution API. Names are those of repositories (`library/node`), digests `sha256:<hex>`.
 * Everything throws `provider.failed`; `data.status` is the registry's answer, 0 where there was none.
 */
export interface Registry {
  /** By tag or digest; a digest is checked. Undefined: there is none. */
  manifest(name: string, reference: string): Promise<{ mediaType: string; digest: string; bytes: Buffer } | undefined>
  /** The bytes as they come; what they digest to is checked at the end. */
  blob(name: string, digest: string): Promise<AsyncIterable<Uint8Array>>
  /** Sends what is not there yet, the manifest last: until then there is no image. */
  push(name: string, layout: Layout, options?: { log?(line: string): void }): Promise<{ digest: string }>
  /** Whether there is an image of this digest. */
  has(name: string, digest: string): Promise<boolean>
  /** True: it is gone, or was not there. False: the registry lets nothing be deleted, so it stays. */
  remove(name: string, digest: string): Promise<boolean>
}

const ACCEPT = [MEDIA.index, MEDIA.manifest, MEDIA.dockerIndex, MEDIA.dockerManifest].join(', ')

export function openRegistry(options: RegistryOptions): Registry {
  const calls = new Calls(options)
  const ask = (method: Call['method'], name: string, path: string, more: Partial<Call> = {}) =>
    calls.call({ method, to: `/v2/${name}/${path}`, purpose: { name, writes: false }, ...more })
  const registry: Registry = {
    async manifest(name, reference) {
      const answer = await ask('GET', name, `manifests/${reference}`, { headers: { accept: ACCEPT } })
      if (answer.status === 404) return nothing(answer)
      if (answer.status !== 200) throw await refusal(`the question for ${name}@${reference}`, calls.host, answer)
      const bytes = await bounded(answer, name)
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      if (reference.startsWith('sha256:') && digest !== reference)
        throw registryError(`${calls.host} gave other bytes for ${name}: expected ${reference}, got ${digest}`, 200)
      return { mediaType: (answer.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '', digest, bytes }
    },

    async blob(name, digest) {
      const answer = await ask('GET', name, `blobs/${digest}`)
      if (answer.status !== 200 || answer.body === null)
        throw await refusal(`the question for ${name}@${digest}`, calls.host, answer)
      return checked(answer.body, digest, `${calls.host}/${name}`)
    },

    async push(name, layout, { log } = {}) {
      const { digest, mediaType, bytes } = layout.manifest
      if (await registry.has(name, digest)) {
        log?.(`${calls.host} has ${digest.slice(7, 19)} already`)
        return { digest }
      }
      for (const [at, blob] of layout.blobs.entries()) {
        const sent = await uploadBlob(calls, name, blob)
        const of = `part ${at + 1} of ${layout.blobs.length} of the image, ${Math.ceil(blob.size / 1024)} KiB`
        log?.(sent ? `sent ${of}` : `${calls.host} has ${of}`)
      }
      const answer = await ask('PUT', name, `manifests/${digest}`, {
        purpose: { name, writes: true },
        headers: { 'content-type': mediaType },
        body: new Uint8Array(bytes),
      })
      if (answer.status !== 201) throw await refusal(`the manifest ${digest}`, calls.host, answer)
      await answer.body?.cancel()
      const kept = answer.headers.get('docker-content-digest')
      if (kept !== null && kept !== digest)
        throw registryError(`${calls.host} keeps ${name} as ${kept}, expected ${digest}`, answer.status)
      return { digest }
    },

    async has(name, digest) {
      const answer = await ask('HEAD', name, `manifests/${digest}`, { headers: { accept: ACCEPT } })
      if (answer.status === 200) return true
      if (answer.status === 404) return false
      throw await refusal(`whether there is ${name}@${digest}`, calls.host, answer)
    },

    async remove(name, digest) {
      const answer = await ask('DELETE', name, `manifests/${digest}`, { purpose: { name, writes: true } })
      if (answer.ok || answer.status === 404) return nothing(answer, true)
      if (answer.status === 405) return nothing(answer, false)
      throw await refusal(`the removal of ${name}@${digest}`, calls.host, answer)
    },
  }
  return registry
}

/** An answer whose body does not matter: its connection is free again. */
async function nothing<T>(answer: Response, gives?: T): Promise<T> {
  await answer.body?.cancel()
  return gives as T
}

async function bounded(answer: Response, name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let got = 0
  for await (const chunk of answer.body ?? []) {
    got += chunk.length
    if (got > MANIFEST_BYTES)
      throw registryError(`The manifest of ${name} is larger than ${MANIFEST_BYTES / 1024 ** 2} MiB`, answer.status)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* checked(body: AsyncIterable<Uint8Array>, digest: string, where: string): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
  const got = `sha256:${hash.digest('hex')}`
  if (got !== digest) throw registryError(`${where} gave other bytes: expected ${digest}, got ${got}`, 200)
}
