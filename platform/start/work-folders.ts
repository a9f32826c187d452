import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataFolder } from '../data/open.ts'

/** Where clones work: a folder each, of no use once they have ended. */
export const workFolder = (clone: string): string => join('engines', clone)

export async function removeWorkFolder(data: DataFolder, clone: string): Promise<void> {
  await rm(join(data.path, workFolder(clone)), { recursive: true, force: true, maxRetries: 3 })
}

/** Removes what clones of former lives left, but for those that may still be ending. */
export async function removeOldWorkFolders(data: DataFolder, ending: readonly string[]): Promise<void> {
  const folders = await readdir(await data.folder('engines'))
  await Promise.all(folders.filter((clone) => !ending.includes(clone)).map((clone) => removeWorkFolder(data, clone)))
}
