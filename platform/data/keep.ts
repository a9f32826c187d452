import { randomBytes } from 'node:crypto'
import { chmod, link, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PipiError } from '../../catalog/errors.ts'

/**
 * A secret kept in a file that only its owner can read (mode 600): what is there, else `make()` written once. Of
 * several processes at the first start, all get the same.
 */
export async function keep(file: string, make: () => string): Promise<{ value: string; made: boolean }> {
  const kept = await read(file)
  if (kept !== undefined) return { value: kept, made: false }
  const draft = await written(file, `${make()}\n`)
  try {
    await link(draft, file)
    return { value: (await read(file)) as string, made: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return { value: (await read(file)) as string, made: false }
  } finally {
    await rm(draft, { force: true })
  }
}

/** Writes a file whole or not at all, mode 600. */
export async function replaceFile(file: string, text: string): Promise<void> {
  await rename(await written(file, text), file)
}

async function read(file: string): Promise<string | undefined> {
  try {
    const value = (await readFile(file, 'utf8')).trim()
    if (value === '')
      throw new PipiError('platform.internal', `${file} is empty`, { hint: 'restore it from your backup' })
    // A copy or a restored backup may have opened it to others.
    await chmod(file, 0o600)
    return value
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function written(file: string, text: string): Promise<string> {
  const draft = join(dirname(file), `.draft-${randomBytes(6).toString('hex')}`)
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return draft
}
