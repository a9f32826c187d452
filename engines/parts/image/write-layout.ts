import { copyFile, link, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { blobPath, sha256 } from './layout.ts'
import { type Descriptor, type Manifest, MEDIA, type OciConfig } from './oci.ts'

/** An empty layout to put blobs into; `closeLayout` makes an image of it. */
export async function beginLayout(path: string): Promise<void> {
  await mkdir(dirname(blobPath(path, sha256(''))), { recursive: true })
}

/** Takes a blob that another layout holds: the same file where the file system can, else a copy. */
export async function borrowBlob(layout: string, digest: string, file: string): Promise<void> {
  const target = blobPath(layout, digest)
  await link(file, target).catch(async (error: NodeJS.ErrnoException) => {
    // The same layer twice in one image is one blob.
    if (error.code !== 'EEXIST') await copyFile(file, target)
  })
}

/** Writes the configuration, the manifest and the index. Gives the manifest's digest. */
export async function closeLayout(
  path: string,
  config: OciConfig,
  layers: readonly Descriptor[],
  annotations: Record<string, string> = {},
): Promise<string> {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: await writeBlob(path, MEDIA.config, JSON.stringify(config)),
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
  const written = await writeBlob(path, MEDIA.manifest, JSON.stringify(manifest))
  await writeIndex(path, written, config)
  return written.digest
}

/** Keeps bytes as they are under their digest. */
export async function writeBlob(layout: string, mediaType: string, bytes: string | Uint8Array): Promise<Descriptor> {
  const digest = sha256(bytes)
  await writeFile(blobPath(layout, digest), bytes, { mode: 0o444 })
  return { mediaType, digest, size: Buffer.byteLength(bytes) }
}

/** Says which of the blobs is the image's manifest: only then is it a layout. */
export async function writeIndex(
  layout: string,
  { mediaType, digest, size }: Descriptor,
  { architecture, os }: Pick<OciConfig, 'architecture' | 'os'>,
): Promise<void> {
  const manifests = [{ mediaType, digest, size, platform: { architecture, os } }]
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: MEDIA.index, manifests }))
}
