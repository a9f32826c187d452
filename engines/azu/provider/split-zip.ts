import { buffer } from 'node:stream/consumers'
import yazl from 'yazl'
import { ZipReader } from '../../parts/zip/read-zip.ts'

export interface Part {
  /** A zip of its own. */
  bytes: Uint8Array<ArrayBuffer>
  files: number
  /** Bytes of its files, and of the largest one. */
  size: number
  largest: number
}

/** The folders at the top of a zip, each as a zip of its own, by name. */
export async function splitZip(path: string): Promise<Map<string, Part>> {
  const reader = await ZipReader.open(path)
  try {
    const zips = new Map<string, { zip: yazl.ZipFile; sizes: number[] }>()
    for (const file of reader.files) {
      const [, folder = '', name = ''] = /^([^/]+)\/(.+[^/])$/.exec(file.name) ?? []
      if (name === '') continue
      const chunks: Buffer[] = []
      await reader.read(file, (chunk) => void chunks.push(chunk))
      const part = zips.get(folder) ?? { zip: new yazl.ZipFile(), sizes: [] }
      zips.set(folder, part)
      part.zip.addBuffer(Buffer.concat(chunks), name)
      part.sizes.push(file.size)
    }
    const parts = new Map<string, Part>()
    for (const [folder, { zip, sizes }] of zips) {
      zip.end()
      parts.set(folder, {
        bytes: Uint8Array.from(await buffer(zip.outputStream)),
        files: sizes.length,
        size: sizes.reduce((sum, size) => sum + size, 0),
        largest: Math.max(...sizes),
      })
    }
    return parts
  } finally {
    await reader.close()
  }
}
