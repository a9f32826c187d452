import type { Layout } from '../image/layout.ts'

/** One HTTP call; `fetch` in the world. */
export type Send = (url: string, request: RequestInit) => Promise<Response>

export interface Login {
  username: string
  password: string
  /** In place of a password: what Docker keeps as `identitytoken`. */
  identityToken?: string
}

export interface RegistryOptions {
  /** `https://host`; `http://` for this machine only (localhost, 127.0.0.1). */
  base: string
  login?: Login | undefined
  send?: Send
  signal?: AbortSignal
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

export function openRegistry(_options: RegistryOptions): Registry {
  throw new Error('being written')
}
