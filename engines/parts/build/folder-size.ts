import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of all files below a folder, links not followed; ends early once `enough` is passed. */
export async function folderSize(folder: string, enough = Number.POSITIVE_INFINITY): Promise<number> {
  let size = 0
  const folders = [folder]
  for (let next = folders.pop(); next !== undefined && size <= enough; next = folders.pop()) {
    // What vanishes while it is being counted takes no room.
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      const path = join(next, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else size += (await lstat(path).catch(() => undefined))?.size ?? 0
    }
  }
  return size
}
