import { hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { PipiError } from '../../../catalog/errors.ts'
import { type LayoutBlob, openLayout } from '../image/layout.ts'
import { readTar } from '../image/read-tar.ts'
import { BLOCK, MOST_ENTRIES, partsOf } from '../image/unpack.ts'

/** As many as are unpacked at all. */
const MOST_BYTES = 4 * 1024 ** 3
/** Files and folders that are added to be mounted over, and what is written down beside them. */
const ADDED = 32

/**
 * Bytes of a disk that an image takes at most once it is unpacked: those of its layers, and a block for each file and folder.
 * Throws `build.failed`, for more than 4 GiB or 200 000 entries too.
 */
export async function unpackedBytes(layout: string): Promise<number> {
  const { layers } = await openLayout(layout)
  const sum = { bytes: ADDED * BLOCK, entries: 0 }
  for (const layer of layers) {
    try {
      await measure(layer, sum)
    } catch (error) {
      throw new PipiError(
        'build.failed',
        `${layer.digest} of the image cannot be unpacked: ${error instanceof Error ? error.message : error}`,
        { hint: 'Is the base image one that others run too? Take another one, or a smaller one.', cause: error },
      )
    }
  }
  return sum.bytes
}

async function measure(layer: LayoutBlob, sum: { bytes: number; entries: number }): Promise<void> {
  const add = (bytes: number, entries: number): void => {
    sum.bytes += bytes + entries * BLOCK
    sum.entries += entries
    if (sum.bytes > MOST_BYTES) throw new Error(`the image has more than ${MOST_BYTES} bytes then`)
    if (sum.entries > MOST_ENTRIES) throw new Error(`the image has more than ${MOST_ENTRIES} files and folders`)
  }
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of readThrough(layer.path, opener(layer))) {
      add(chunk.length, 0)
      yield chunk
    }
  }
  // Named or not, a folder is there for what lies in it. By digest, since names may be long.
  const folders = new Set<string>()
  for await (const { path, type } of readTar(counted())) {
    const parts = partsOf(path)
    add(0, 1)
    for (let depth = parts.length - 1; depth > 0; depth -= 1) {
      const folder = digestOf(parts.slice(0, depth))
      if (folders.has(folder)) break
      folders.add(folder)
      add(0, 1)
    }
    if (type === 'folder') folders.add(digestOf(parts))
  }
}

function digestOf(parts: readonly string[]): string {
  return hash('sha256', parts.join('/'), 'base64')
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
