import { createHash } from 'node:crypto'
import { create } from 'tar'
import { PipiError } from '../../../catalog/errors.ts'
import { type FoundFile, listFiles } from './list-files.ts'

export interface Packed {
  bytes: Uint8Array
  /** sha256 of the bytes, hex: the name it is uploaded under. */
  digest: string
  files: number
  /** Links and `.env` files, which do not travel. */
  leftOut: string[]
}

/** What the platform takes, packed; and what is worth packing at all. */
const MOST_PACKED = 50 * 1024 * 1024
const MOST_UNPACKED = 500 * 1024 * 1024

/** A folder as tar.gz. The same files give the same bytes, on any machine: sorted, without owners and times. */
export async function packFolder(folder: string): Promise<Packed> {
  const { files, leftOut } = await listFiles(folder)
  if (files.length === 0) throw new PipiError('input.invalid', `There is nothing in ${folder} to deploy`)
  const unpacked = files.reduce((sum, file) => sum + file.bytes, 0)
  if (unpacked > MOST_UNPACKED) throw tooLarge(folder, `${megabytes(MOST_UNPACKED)} MB`, files)
  const chunks: Uint8Array[] = []
  const pack = create(
    // A name that starts with "@" would be read as an archive to take over: "./" keeps it a name.
    {
      cwd: folder,
      gzip: { level: 6 },
      portable: true,
      noDirRecurse: true,
      mtime: new Date(0),
      follow: false,
      strict: true,
    },
    files.map((file) => `./${file.path}`),
  )
  let size = 0
  for await (const chunk of pack as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MOST_PACKED) throw tooLarge(folder, `${megabytes(MOST_PACKED)} MB once packed`, files)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex'), files: files.length, leftOut }
}

function tooLarge(folder: string, most: string, files: FoundFile[]): PipiError {
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, 3)
  const named = largest.map((file) => `${file.path} (${megabytes(file.bytes)} MB)`).join(', ')
  return new PipiError('input.invalid', `${folder} is too large to send along: more than ${most}`, {
    hint: `The largest files: ${named}. Leave them out, or deploy from git: --git URL --ref REF`,
  })
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, '')
}
