import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { clearFolder } from '../build/clear-folder.ts'
import { withLock } from '../build/lock.ts'
import { openRegistry, type Registry } from '../registry/client.ts'
import { loginFor } from '../registry/docker-config.ts'
import { registryError, statusOf } from '../registry/failure.ts'
import { publicSend } from '../registry/public-send.ts'
import { parseReference, type Reference } from '../registry/reference.ts'
import { chooseManifest, requireImage } from './choose-manifest.ts'
import { blobPath, type Layout, openLayout } from './layout.ts'
import { configSchema, type Descriptor, MEDIA } from './oci.ts'
import { type FreeOf, requireRoom } from './require-room.ts'
import { beginLayout, writeBlob, writeIndex } from './write-layout.ts'

export interface BaseOrder {
  /** By digest: `registry/name@sha256:…`. */
  reference: string
  architecture: string
  /** The store of artifacts: bases are kept in its `images/`. */
  store: string
  dockerConfig: string | undefined
  signal: AbortSignal
  log(line: string): void
  /** Told otherwise by tests only. */
  freeOf?: FreeOf
}

const TRIES = 3

/**
 * The base image as a layout on this machine, fetched once: `<store>/images/<digest>-<architecture>`. Throws
 * `build.failed`; `source.unreachable` where the registry does not answer, or must not be asked.
 */
export async function pullBase(order: BaseOrder): Promise<Layout> {
  const { architecture, store, signal, log } = order
  const reference = parseReference(order.reference)
  const hex = reference.digest?.slice('sha256:'.length) ?? ''
  const folder = join(store, 'images', `${hex}-${architecture}`)
  // Two at the same time would fetch the same: the second one waits and takes what the first one got.
  return withLock(`${folder}.lock`, signal, async () => {
    const kept = await recall(folder, signal)
    if (kept !== undefined) {
      log(`the base image ${hex.slice(0, 12)} is at hand`)
      return kept
    }
    const temporary = join(store, `.${randomUUID()}`)
    try {
      await pull(order, reference, temporary)
      await mkdir(join(store, 'images'), { recursive: true })
      await rename(temporary, folder)
    } catch (error) {
      signal.throwIfAborted()
      throw explained(error, order.reference)
    } finally {
      await rm(temporary, { recursive: true, force: true })
    }
    return openLayout(folder)
  })
}

/** What is kept, if it still digests to its name: else it is fetched again. */
async function recall(folder: string, signal: AbortSignal): Promise<Layout | undefined> {
  try {
    const layout = await openLayout(folder)
    for (const { path, digest } of layout.layers) {
      const hash = createHash('sha256')
      await pipeline(createReadStream(path), hash, { signal })
      if (`sha256:${hash.digest('hex')}` !== digest) throw new Error(`${path} has other bytes`)
    }
    // Used just now: what was not for longest is tidied away first.
    const now = new Date()
    await utimes(folder, now, now)
    return layout
  } catch {
    signal.throwIfAborted()
    await clearFolder(folder)
    return undefined
  }
}

async function pull(order: BaseOrder, { host, base, name, digest }: Reference, folder: string): Promise<void> {
  const { signal, log, architecture } = order
  const { named, login } = await loginFor(host, order.dockerConfig)
  // Whom the owner of this host has named may be a registry of the own network.
  const registry = openRegistry({ base, login, signal, ...(named ? {} : { send: publicSend }) })
  const { bytes, manifest } = await chooseManifest(registry, name, digest ?? '', architecture)
  const { size, layers } = requireImage(manifest)
  await requireRoom(order.store, size, signal, order.freeOf)
  log(`fetching the base image ${host}/${name}: ${layers.length} layers, ${Math.ceil(size / 1024 ** 2)} MiB`)
  await beginLayout(folder)
  const blobs = new Map([manifest.config, ...layers].map((blob) => [blob.digest, blob]))
  for (const blob of blobs.values()) await fetchBlob(registry, name, blob, blobPath(folder, blob.digest), signal)
  const { config } = await closed(folder, bytes, manifest.mediaType ?? MEDIA.manifest, manifest.config)
  if (config.os !== 'linux' || config.architecture !== architecture) {
    throw wrong(
      `The image is made for ${config.os}/${config.architecture}, expected linux/${architecture}`,
      'Name the digest of the index (it covers several platforms), or that of the right one.',
    )
  }
  if (config.rootfs.diff_ids.length !== layers.length)
    throw wrong(`The image has ${layers.length} layers, and its configuration names ${config.rootfs.diff_ids.length}`)
}

async function closed(folder: string, bytes: Buffer, mediaType: string, config: Descriptor) {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(blobPath(folder, config.digest))) chunks.push(chunk as Buffer)
  const parsed = configSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  await writeIndex(folder, await writeBlob(folder, mediaType, bytes), parsed)
  return { config: parsed }
}

/** Digest and size are checked while it comes. A connection that broke is no reason to give up. */
async function fetchBlob(registry: Registry, name: string, blob: Descriptor, file: string, signal: AbortSignal) {
  for (let tries = 1; ; tries += 1) {
    try {
      const bytes = await registry.blob(name, blob.digest)
      await pipeline(sized(bytes, blob), createWriteStream(file, { mode: 0o444 }), { signal })
      return
    } catch (error) {
      await rm(file, { force: true })
      signal.throwIfAborted()
      if (error instanceof PipiError) throw error
      if (tries === TRIES)
        throw registryError(`the connection broke ${TRIES} times in ${blob.digest}`, 0, undefined, error)
    }
  }
}

async function* sized(bytes: AsyncIterable<Uint8Array>, { digest, size }: Descriptor): AsyncIterable<Uint8Array> {
  let got = 0
  for await (const chunk of bytes) {
    got += chunk.length
    if (got > size) throw wrong(`${digest} is longer than the ${size} bytes that the manifest says`)
    yield chunk
  }
  if (got < size) throw wrong(`${digest} has ${got} bytes, and the manifest says ${size}`)
}

function explained(error: unknown, reference: string): PipiError {
  const what = `The base image ${reference} cannot be had: ${error instanceof Error ? error.message : error}`
  const status = statusOf(error)
  const code = status === 0 || status === 429 || status >= 500 ? 'source.unreachable' : 'build.failed'
  if (!(error instanceof PipiError)) return wrong(what, 'Is it an image?', error)
  const hint =
    status === 401 || status === 403
      ? 'Is it public? Logins for registries are read from PIPI_DOCKER_CONFIG (docs/builds.md).'
      : error.hint
  return new PipiError(error.code === 'source.unreachable' ? error.code : code, what, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}

function wrong(message: string, hint?: string, cause?: unknown): PipiError {
  return new PipiError('build.failed', message, {
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  })
}
