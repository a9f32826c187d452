import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'

/** The server's own password, made at the first start, readable by us alone. */
export async function readPassword(data: string): Promise<string> {
  const file = path.join(data, 'postgres-password')
  try {
    const made = await open(file, 'wx', 0o600)
    try {
      const password = randomBytes(24).toString('base64url')
      await made.writeFile(password)
      await made.sync()
      return password
    } finally {
      await made.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return (await readFile(file, 'utf8')).trim()
  }
}
