import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ArtifactFile } from '../build/digest.ts'
import { digestingStream } from './digesting-stream.ts'
import { blobPath } from './layout.ts'
import { type Descriptor, MEDIA } from './oci.ts'
import { tarOf } from './write-tar.ts'

/** Fixed, so that the same files are the same bytes. */
const LEVEL = 6
/** Where a gzip header names the system that made it; 255: unknown. */
const SYSTEM_AT = 9
const SYSTEM = 255

/** Packs files as one gzip layer into a layout's blobs. The same files give the same layer. `diffId`: of the bytes inside. */
export async function writeLayer(
  layout: string,
  files: readonly ArtifactFile[],
  under: string,
  signal?: AbortSignal,
): Promise<{ descriptor: Descriptor; diffId: string }> {
  const temporary = join(layout, `.${randomUUID()}`)
  const inside = digestingStream()
  const outside = digestingStream()
  try {
    await pipeline(
      Readable.from(tarOf(files, under)),
      inside.stream,
      createGzip({ level: LEVEL }),
      namelessSystem(),
      outside.stream,
      createWriteStream(temporary, { mode: 0o444 }),
      signal === undefined ? {} : { signal },
    )
    const descriptor = { mediaType: MEDIA.gzip, digest: outside.digest(), size: outside.bytes() }
    await rename(temporary, blobPath(layout, descriptor.digest))
    return { descriptor, diffId: inside.digest() }
  } finally {
    await rm(temporary, { force: true })
  }
}

function namelessSystem(): Transform {
  let at = 0
  return new Transform({
    transform(chunk: Buffer, _, next) {
      if (at <= SYSTEM_AT && at + chunk.length > SYSTEM_AT) chunk[SYSTEM_AT - at] = SYSTEM
      at += chunk.length
      next(null, chunk)
    },
  })
}
