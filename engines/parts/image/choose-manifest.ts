import { PipiError } from '../../../catalog/errors.ts'
import type { Registry } from '../registry/client.ts'
import {
  type Descriptor,
  IMAGE_BYTES,
  indexSchema,
  MANIFEST_BYTES,
  type Manifest,
  MEDIA,
  manifestSchema,
} from './oci.ts'

/** Docker's names of what OCI names otherwise. */
const LAYERS: Record<string, string> = {
  [MEDIA.gzip]: MEDIA.gzip,
  [MEDIA.zstd]: MEDIA.zstd,
  [MEDIA.tar]: MEDIA.tar,
  [MEDIA.dockerGzip]: MEDIA.gzip,
}

/** The manifest that a digest names, or of an index that of Linux on this architecture. Throws `build.failed`. */
export async function chooseManifest(
  registry: Registry,
  name: string,
  digest: string,
  architecture: string,
): Promise<{ bytes: Buffer; manifest: Manifest }> {
  const first = await registry.manifest(name, digest)
  if (first === undefined)
    throw wrong(`there is no ${digest} in ${name}`, 'Was it taken away there? Name another digest.')
  const parsed = parsedJson(first.bytes)
  const index = indexSchema.safeParse(parsed)
  if (!index.success) return { bytes: first.bytes, manifest: imageOf(parsed) }
  const able = index.data.manifests.filter(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  )
  // A variant asks more of the processor than its architecture promises.
  const fits = able.find(({ platform }) => !platform?.variant || platform.variant === 'v8') ?? able[0]
  if (fits === undefined) {
    const there = index.data.manifests.flatMap(({ platform }) =>
      platform ? [`${platform.os}/${platform.architecture}`] : [],
    )
    throw wrong(`there is no linux/${architecture} in it, only ${[...new Set(there)].join(', ') || 'nothing'}`)
  }
  const chosen = await registry.manifest(name, fits.digest)
  if (chosen === undefined) throw wrong(`the index names ${fits.digest}, and the registry does not have it`)
  return { bytes: chosen.bytes, manifest: imageOf(parsedJson(chosen.bytes)) }
}

/** What is known of all blobs before one is fetched. Throws `build.failed`. */
export function requireImage({ config, layers }: Manifest): { size: number; layers: Descriptor[] } {
  if (config.size > MANIFEST_BYTES) throw wrong(`its configuration has ${config.size} bytes, at most ${MANIFEST_BYTES}`)
  const size = layers.reduce((sum, layer) => sum + layer.size, config.size)
  if (size > IMAGE_BYTES)
    throw wrong(`it has ${Math.round(size / 1024 ** 2)} MiB, at most ${IMAGE_BYTES / 1024 ** 2}`, 'Take a smaller one.')
  return { size, layers: layers.map(asOci) }
}

/** The same bytes under the media type that OCI has for them. Throws `build.failed` for what is no layer of this kind. */
export function asOci(layer: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>): Descriptor {
  const mediaType = LAYERS[layer.mediaType]
  if (mediaType !== undefined) return { mediaType, digest: layer.digest, size: layer.size }
  throw wrong(`one of its layers is ${layer.mediaType}`, `Known are ${Object.keys(LAYERS).join(', ')}.`)
}

function imageOf(parsed: unknown): Manifest {
  const manifest = manifestSchema.safeParse(parsed)
  if (manifest.success) return manifest.data
  throw wrong(
    'what the digest names is no image',
    'Images by Docker’s schema 2 and OCI are taken, no charts and the like.',
  )
}

function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw wrong('what the digest names is no JSON')
  }
}

function wrong(message: string, hint?: string): PipiError {
  return new PipiError('build.failed', message, hint === undefined ? {} : { hint })
}
