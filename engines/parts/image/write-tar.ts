import { createReadStream, readFileSync } from 'node:fs'
import { Header, Pax } from 'tar'
import type { ArtifactFile } from '../build/digest.ts'

const BLOCK = 512
/** Smaller files are read at once: that is shorter than the way to another thread and back. */
const SMALL = 64 * 1024

/**
 * Files as a tar archive that is the same whoever makes it, and when: sorted, folders 0755, files 0644 or 0755, of
 * user and group 0, dated 1970. `under`: the folder that they lie in.
 */
export async function* tarOf(files: readonly ArtifactFile[], under: string): AsyncGenerator<Buffer> {
  const named = new Map<string, ArtifactFile | undefined>()
  for (const file of files) {
    const path = under === '' ? file.path : `${under}/${file.path}`
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) named.set(path.slice(0, at + 1), undefined)
    named.set(path, file)
  }
  if (under !== '') named.set(`${under}/`, undefined)
  const entries = [...named].sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [path, file] of entries) {
    yield headerOf(path, file)
    if (file !== undefined) yield* bodyOf(file)
  }
  yield Buffer.alloc(2 * BLOCK)
}

function headerOf(path: string, file: ArtifactFile | undefined): Buffer {
  const header = new Header({
    path,
    type: file === undefined ? 'Directory' : 'File',
    mode: file === undefined || file.executable ? 0o755 : 0o644,
    size: file?.size ?? 0,
    ...{ uid: 0, gid: 0, mtime: new Date(0) },
  })
  const needsMore = header.encode()
  const block = header.block as Buffer
  if (!needsMore) return block
  // Names that are too long for a header, and files of 8 GiB.
  return Buffer.concat([new Pax({ path, size: file?.size ?? 0 }).encode(), block])
}

async function* bodyOf(file: ArtifactFile): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of file.size <= SMALL ? [readFileSync(file.source)] : createReadStream(file.source)) {
    bytes += (chunk as Buffer).length
    yield chunk as Buffer
  }
  if (bytes !== file.size) throw new Error(`${file.path} changed while it was being packed`)
  if (bytes % BLOCK !== 0) yield Buffer.alloc(BLOCK - (bytes % BLOCK))
}
