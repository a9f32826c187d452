import { type FileHandle, open, rm } from 'node:fs/promises'
import { PipiError } from '../../../catalog/errors.ts'

/**
 * Makes a token and writes its text into a new file, which nobody but its owner may read; without a path it only makes it.
 * The file is there before the token: what cannot be written is not made. Throws `input.invalid`.
 */
export async function openTokenFile<T extends { secret: string }>(
  path: string | undefined,
  make: () => Promise<T>,
): Promise<T> {
  if (path === undefined) return make()
  const file = await create(path)
  try {
    const made = await make()
    await file.writeFile(`${made.secret}\n`)
    return made
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new PipiError('input.invalid', `--token-file: ${path} cannot be made (${code})`, {
      hint: 'give the path of a file that is not there yet, in a folder that is',
    })
  }
}
