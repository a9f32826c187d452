import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { bytesOf, configSchema, type Descriptor, indexSchema, manifestSchema, type OciConfig } from './oci.ts'

/** A blob of a layout: `digest` is `sha256:<hex>`, `size` its bytes, `path` its file. */
export interface LayoutBlob extends Pick<Descriptor, 'digest' | 'size' | 'mediaType'> {
  path: string
}

/** An OCI image layout on this machine, of one image. */
export interface Layout {
  path: string
  /** The manifest, as its bytes are digested and sent. */
  manifest: { mediaType: string; digest: string; bytes: Buffer }
  config: OciConfig
  /** The configuration, then the layers in their order; what is named twice is there once. */
  blobs: LayoutBlob[]
  /** The layers in their order, as the manifest names them. */
  layers: LayoutBlob[]
  /** What a registry keeps of it. */
  bytes: number
}

/**
 * Reads a layout: `oci-layout`, `index.json` with one image, `blobs/sha256/<hex>`. Manifest and configuration are
 * digested, of the layers the size is looked at (whoever sends or unpacks them digests them). Throws `build.failed`.
 */
export async function openLayout(path: string): Promise<Layout> {
  try {
    return await read(path)
  } catch (error) {
    throw new PipiError(
      'build.failed',
      `${path} is no image layout: ${error instanceof Error ? error.message : error}`,
      {
        hint: 'Was it taken away? Deploy again: it is made anew.',
        cause: error,
      },
    )
  }
}

async function read(path: string): Promise<Layout> {
  const index = indexSchema.parse(JSON.parse(await readFile(join(path, 'index.json'), 'utf8')))
  const [named, ...more] = index.manifests
  if (named === undefined || more.length > 0) throw new Error(`expected one image, got ${index.manifests.length}`)
  const bytes = await digested(path, named)
  const manifest = manifestSchema.parse(JSON.parse(bytes.toString('utf8')))
  const config = configSchema.parse(JSON.parse((await digested(path, manifest.config)).toString('utf8')))
  const place = ({ digest, size, mediaType }: Descriptor) => ({ digest, size, mediaType, path: blobPath(path, digest) })
  const layers = manifest.layers.map(place)
  for (const layer of layers) {
    const { size } = await stat(layer.path)
    if (size !== layer.size) throw new Error(`${layer.digest} has ${size} bytes, not ${layer.size}`)
  }
  const blobs = new Map([place(manifest.config), ...layers].map((blob) => [blob.digest, blob]))
  return {
    path,
    manifest: { mediaType: named.mediaType, digest: named.digest, bytes },
    config,
    blobs: [...blobs.values()],
    layers,
    bytes: bytesOf(manifest, bytes.length),
  }
}

export function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length))
}

export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

async function digested(layout: string, { digest }: Descriptor): Promise<Buffer> {
  const bytes = await readFile(blobPath(layout, digest))
  if (sha256(bytes) !== digest) throw new Error(`${digest} has other bytes`)
  return bytes
}
