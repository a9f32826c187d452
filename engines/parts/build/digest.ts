import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface ArtifactFile {
  /** Relative, with forward slashes. */
  path: string
  source: string
  /** Bytes. */
  size: number
  executable: boolean
}

/** The files of an artifact's folder. What is neither file nor folder is no part of an artifact and left out. */
export async function listFiles(folder: string): Promise<ArtifactFile[]> {
  const files: ArtifactFile[] = []
  const walk = async (at: string, relative: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const source = join(at, entry.name)
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (entry.isDirectory()) await walk(source, path)
      else if (entry.isFile()) {
        const { size, mode } = await lstat(source)
        files.push({ path, source, size, executable: (mode & 0o100) !== 0 })
      }
    }
  }
  await walk(folder, '')
  return files
}

/** The sha256 in hex over the sorted paths, whether each is executable, and the bytes: the same files have the same digest anywhere. */
export async function digestOf(files: ArtifactFile[]): Promise<string> {
  const digest = createHash('sha256')
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const bytes = createHash('sha256')
    for await (const chunk of createReadStream(file.source)) bytes.update(chunk as Buffer)
    digest.update(`${file.path}\0${file.executable ? 'x' : '-'}\0`).update(bytes.digest())
  }
  return digest.digest('hex')
}

/** Copies files, and digests the copies: those bytes count, not the ones that something may still be changing. */
export async function copyAndDigest(files: ArtifactFile[], target: string): Promise<string> {
  await mkdir(target, { recursive: true })
  const folders = new Set([target])
  const copies: ArtifactFile[] = []
  for (const file of files) {
    const source = join(target, file.path)
    const folder = dirname(source)
    if (!folders.has(folder)) await mkdir(folder, { recursive: true })
    folders.add(folder)
    await copyFile(file.source, source, constants.COPYFILE_FICLONE)
    await chmod(source, file.executable ? 0o755 : 0o644)
    copies.push({ ...file, source })
  }
  return digestOf(copies)
}
