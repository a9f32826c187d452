import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** A key in PEM or JSON is some kB. */
const MOST_BYTES = 64 * 1024

/**
 * What lies in a file that holds secrets, without white space around it; `problem` where it cannot be used. A short-lived
 * token may be readable for others (whoever hands it out often sets the mode): it is worth nothing a little later.
 * Looked at and read through one handle, so that nobody can put another file in its place in between.
 */
export async function readPrivateFile(
  path: string,
  { fleeting = false }: { fleeting?: boolean } = {},
): Promise<{ text: string } | { problem: string; absent?: true }> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return { problem: `${path} cannot be read (${code ?? 'unknown'})`, ...(code === 'ENOENT' ? { absent: true } : {}) }
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) return { problem: `${path} is no file` }
    if (!fleeting && (stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
      return { problem: `${path} has the mode ${mode}, so that others may read it: chmod 600 ${path}` }
    }
    if (stat.size > MOST_BYTES) return { problem: `${path} has ${stat.size} bytes, more than ${MOST_BYTES}` }
    const text = (await file.readFile('utf8')).trim()
    return text === '' ? { problem: `${path} is empty` } : { text }
  } finally {
    await file.close()
  }
}
