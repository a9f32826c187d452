import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readZip } from './read.ts'

/** Unpacks a zip into `folder` once: a half unpacked folder never stands under that name. */
export async function unpackZip(zip: Uint8Array, folder: string): Promise<void> {
  if (await exists(folder)) return
  const half = `${folder}.${randomBytes(6).toString('hex')}`
  await mkdir(half, { recursive: true })
  try {
    for (const entry of readZip(zip)) {
      const path = join(half, entry.path)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, entry.bytes, { mode: entry.executable ? 0o755 : 0o644 })
    }
    await rename(half, folder).catch(async (error: unknown) => {
      // Another request unpacked the same bytes meanwhile: theirs is as good.
      if (!(await exists(folder))) throw error
    })
  } finally {
    await rm(half, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
