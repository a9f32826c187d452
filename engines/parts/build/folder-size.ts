import { chmod, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface FolderSize {
  /** Bytes of all files; links are not followed. */
  bytes: number
  /** Files and folders. */
  entries: number
}

/** What lies below a folder; ends early once one of both is passed. What hides (too deep to be named) counts as without end. */
export async function folderSize(folder: string, enough: Partial<FolderSize> = {}): Promise<FolderSize> {
  const { bytes = Number.POSITIVE_INFINITY, entries = Number.POSITIVE_INFINITY } = enough
  const size: FolderSize = { bytes: 0, entries: 0 }
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await list(next, size)) {
      size.entries += 1
      const path = join(next, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else size.bytes += (await lstat(path).catch(() => undefined))?.size ?? 0
      if (size.bytes > bytes || size.entries > entries) return size
    }
    if (size.bytes > bytes || size.entries > entries) return size
  }
  return size
}

async function list(folder: string, size: FolderSize) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENAMETOOLONG') size.entries = Number.POSITIVE_INFINITY
    // A build may have closed what is ours: it is opened again.
    if (code === 'EACCES' && (await opened(folder))) return readdir(folder, { withFileTypes: true }).catch(() => [])
    // What vanishes while it is being counted takes no room.
    return []
  }
}

function opened(folder: string): Promise<boolean> {
  return chmod(folder, 0o700).then(
    () => true,
    () => false,
  )
}
