import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Removes a folder whatever a build made of it: closed folders, and such as lie too deep to be named. */
export async function clearFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    await openFolder(folder)
    await promisify(execFile)('rm', ['-rf', '--', folder])
  }
}

/** Makes all that lies in a folder readable for its owner; links are not followed. */
export async function openFolder(folder: string): Promise<void> {
  await promisify(execFile)('chmod', ['-R', 'u+rwX', '--', folder])
}
