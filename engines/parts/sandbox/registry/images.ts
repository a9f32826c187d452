import type { KeptAsset, SimulatedResource, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { writeZip } from '../../../../stacks/sandbox/zip/write.ts'
import { type Manifest, manifestSchema } from '../../image/oci.ts'
import { hexOf } from './blobs.ts'

/** An image in the inventory: `repository` (host and path), `digest` (sha256 in hex) and the `bytes` that it takes. */
export function imageResource(): SimulatedResource {
  return {
    replaceOn: ['repository', 'digest'],
    // What is pushed twice is there once.
    overwrites: true,
    create: async (inputs) => {
      const id = `${String(inputs.repository)}@sha256:${String(inputs.digest)}`
      return { id, outputs: { ...inputs, reference: id } }
    },
  }
}

export async function findImage(world: World, type: string, reference: string): Promise<StoredResource | undefined> {
  return (await world.list(type)).find((one) => one.id === reference)
}

/** Each blob of a manifest once, however often it names it. */
export function blobsOf({ config, layers }: Manifest): { digest: string; size: number }[] {
  return [...new Map([config, ...layers].map((one) => [one.digest, one])).values()]
}

/**
 * An image that is in the registry (`host/path@sha256:…`) as a zip with its OCI layout, for what runs it. Undefined: there
 * is none.
 */
export async function layoutOf(world: World, type: string, reference: string): Promise<KeptAsset | undefined> {
  const found = await findImage(world, type, reference)
  const hex = String(found?.inputs.digest)
  const bytes = found === undefined ? undefined : await world.kept(hex)
  if (bytes === undefined) return undefined
  const manifest = manifestSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  const blobs = await Promise.all(
    blobsOf(manifest).map(async ({ digest }) => ({
      path: `blobs/sha256/${hexOf(digest)}`,
      bytes: (await world.kept(hexOf(digest))) ?? new Uint8Array(),
    })),
  )
  const mediaType = manifest.mediaType ?? 'application/vnd.oci.image.manifest.v1+json'
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest: `sha256:${hex}`, size: bytes.byteLength }] }
  const files = [
    { path: 'oci-layout', bytes: Buffer.from('{"imageLayoutVersion":"1.0.0"}') },
    { path: 'index.json', bytes: Buffer.from(JSON.stringify(index)) },
    { path: `blobs/sha256/${hex}`, bytes },
    ...blobs,
  ]
  const zip = await writeZip(files, { compress: false })
  return { kept: await world.keep(zip), size: zip.byteLength }
}
