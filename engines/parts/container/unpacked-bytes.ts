import { createReadStream } from 'node:fs'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { PipiError } from '../../../catalog/errors.ts'
import { type LayoutBlob, openLayout } from '../image/layout.ts'

/** As many as are unpacked at all. */
const MOST_BYTES = 4 * 1024 ** 3

/** Bytes that an image's layers have once they are unpacked: its files take no more. Throws `build.failed` for more than 4 GiB. */
export async function unpackedBytes(layout: string): Promise<number> {
  let bytes = 0
  for (const layer of (await openLayout(layout)).layers) {
    const opened = opener(layer)
    for await (const chunk of readThrough(layer.path, opened)) {
      bytes += chunk.length
      if (bytes > MOST_BYTES) {
        throw new PipiError('build.failed', `the image has more than ${MOST_BYTES} bytes once it is unpacked`, {
          hint: 'take a smaller base image',
        })
      }
    }
  }
  return bytes
}

async function* readThrough(path: string, opened: Transform | undefined): AsyncGenerator<Buffer> {
  const file = createReadStream(path)
  if (opened === undefined) return yield* file
  const piped = pipeline(file, opened)
  // Who has had enough does not read to the end.
  void piped.catch(() => undefined)
  yield* opened
  await piped
}

function opener({ mediaType }: LayoutBlob): Transform | undefined {
  if (/[.+]gzip$/.test(mediaType)) return createGunzip()
  return /[.+]zstd$/.test(mediaType) ? createZstdDecompress() : undefined
}
