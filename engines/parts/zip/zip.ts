import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import yazl from 'yazl'
import { PipiError } from '../../../catalog/errors.ts'

/** A zip holds local time without a zone: this one is the same wherever it is written. */
const EPOCH = new Date(1980, 0, 2)

export type ZipEntry = { name: string; file: string; executable: boolean } | { name: string; text: string }

/** Writes entries into a zip whose bytes depend on nothing else. Returns the sha256 in hex and the size in bytes. */
export async function writeZip(
  entries: readonly ZipEntry[],
  target: string,
): Promise<{ digest: string; size: number }> {
  const zip = new yazl.ZipFile()
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if ('text' in entry) zip.addBuffer(Buffer.from(entry.text), entry.name, options(false))
    // Read when its turn comes, so that a large folder is never in memory at once.
    else zip.addFile(entry.file, entry.name, options(entry.executable))
  }
  zip.end()
  await finished(zip.outputStream.pipe(createWriteStream(target)))
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(target)) hash.update(chunk as Buffer)
  return { digest: hash.digest('hex'), size: (await stat(target)).size }
}

/** Every file below a folder as an entry under `prefix`, links of npm's tools left out. Throws `build.failed` for other links and devices. */
export async function entriesOf(folder: string, prefix: string): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = []
  for (const found of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(found.parentPath, found.name)
    const name = `${prefix}/${file.slice(folder.length + 1).replaceAll('\\', '/')}`
    if (found.isDirectory()) continue
    if (!found.isFile()) {
      if (found.isSymbolicLink() && /(^|\/)node_modules\/\.bin\//.test(name)) continue
      throw new PipiError('build.failed', `${name} is neither a file nor a folder`, {
        hint: 'build plain files: links and devices do not travel in a zip',
      })
    }
    entries.push({ name, file, executable: ((await lstat(file)).mode & 0o111) !== 0 })
  }
  return entries
}

function options(executable: boolean): Partial<yazl.Options> {
  return { mtime: EPOCH, forceDosTimestamp: true, mode: executable ? 0o100755 : 0o100644, compress: true }
}
