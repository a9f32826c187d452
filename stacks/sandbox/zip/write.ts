import { buffer } from 'node:stream/consumers'
import yazl from 'yazl'

/** A fixed time, so that the same files make the same bytes. */
const MTIME = new Date('2020-01-01T00:00:00Z')

/** Packs files, sorted by path; the same files give the same bytes. `compress: false` for what is compressed already. */
export async function writeZip(
  files: { path: string; bytes: Uint8Array }[],
  { compress = true }: { compress?: boolean } = {},
): Promise<Uint8Array> {
  const zip = new yazl.ZipFile()
  for (const { path, bytes } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    zip.addBuffer(Buffer.from(bytes), path, { mtime: MTIME, mode: 0o100644, forceDosTimestamp: true, compress })
  }
  zip.end()
  return buffer(zip.outputStream)
}
