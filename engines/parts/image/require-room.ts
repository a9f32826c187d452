import { statfs } from 'node:fs/promises'
import { PipiError } from '../../../catalog/errors.ts'
import { tidyBases } from '../build/tidy-artifacts.ts'

/** What is left of the disk, bytes: builds, the database and everybody else on this host go on with it. */
const RESERVE = 1024 ** 3

/** Free bytes of the disk that a folder is on. */
export type FreeOf = (folder: string) => Promise<number>

/**
 * That an image of so many bytes may be fetched into the store: where the disk is too full for it, base images that were
 * not used of late go first. Throws `build.failed`.
 */
export async function requireRoom(store: string, size: number, signal: AbortSignal, freeOf: FreeOf = free) {
  if ((await freeOf(store)) >= size + RESERVE) return
  await tidyBases(store, signal)
  const left = await freeOf(store)
  if (left >= size + RESERVE) return
  throw new PipiError(
    'build.failed',
    `it has ${mib(size)}, and this host has ${mib(left)} of disk left, ${mib(RESERVE)} of which are kept free`,
    { hint: 'Take a smaller base image, or make room on the disk of this host.' },
  )
}

async function free(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MiB`
}
