import { z } from 'zod'

/** `sha256:` and 64 hexadecimal digits: the only algorithm that is taken. */
export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a sha256 digest')

const descriptorSchema = z.looseObject({
  mediaType: z.string().min(1),
  digest: digestSchema,
  size: z.int().nonnegative(),
})
export type Descriptor = z.infer<typeof descriptorSchema>

/** An image's manifest: OCI's and Docker's schema 2 look the same. */
export const manifestSchema = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema).max(200),
})
export type Manifest = z.infer<typeof manifestSchema>

/** One image per platform: OCI's index and Docker's manifest list. */
export const indexSchema = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z
    .array(
      descriptorSchema.extend({
        platform: z
          .looseObject({ architecture: z.string(), os: z.string(), variant: z.string().optional() })
          .optional(),
      }),
    )
    .max(500),
})

const texts = z.array(z.string()).nullish()

/** An image's configuration, as far as it matters here; the rest is kept as it is. */
export const configSchema = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  config: z
    .looseObject({
      Entrypoint: texts,
      Cmd: texts,
      Env: texts,
      WorkingDir: z.string().nullish(),
      User: z.string().nullish(),
    })
    .nullish(),
  rootfs: z.looseObject({ type: z.literal('layers'), diff_ids: z.array(digestSchema) }),
  history: z.array(z.unknown()).nullish(),
})
export type OciConfig = z.infer<typeof configSchema>

export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  tar: 'application/vnd.oci.image.layer.v1.tar',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const

/** Most bytes of a manifest, an index or a configuration, since they are read whole. */
export const MANIFEST_BYTES = 4 * 1024 ** 2
/** Most bytes of all blobs of one image, compressed. */
export const IMAGE_BYTES = 2 * 1024 ** 3

/** What a registry keeps of an image: its manifest, configuration and layers, what is named twice once. */
export function bytesOf(manifest: Manifest, manifestBytes: number): number {
  const blobs = new Map([manifest.config, ...manifest.layers].map(({ digest, size }) => [digest, size]))
  return [...blobs.values()].reduce((sum, size) => sum + size, manifestBytes)
}
