import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'

export interface FoundFile {
  /** Relative, with forward slashes. */
  path: string
  bytes: number
}

/** Never packed: history, what is installed or made anew, our own data, and secrets lying about. */
const LEFT_OUT = new Set(['.git', 'node_modules', '.pipi', '.DS_Store'])
const isSecretFile = (name: string) => name === '.env' || name.startsWith('.env.')
const MOST_FILES = 20_000

/** Every file of a folder, sorted, and what was left out and is worth a word. */
export async function listFiles(folder: string): Promise<{ files: FoundFile[]; leftOut: string[] }> {
  const files: FoundFile[] = []
  const leftOut: string[] = []
  const walk = async (under: string): Promise<void> => {
    const entries = await readdir(join(folder, under), { withFileTypes: true }).catch((error: Error) => {
      throw new PipiError('input.invalid', `${join(folder, under)} cannot be read: ${error.message}`, { cause: error })
    })
    for (const entry of entries) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`
      if (LEFT_OUT.has(entry.name)) continue
      if (isSecretFile(entry.name) || entry.isSymbolicLink()) leftOut.push(path)
      else if (entry.isDirectory()) await walk(path)
      else if (entry.isFile()) {
        const { size } = await lstat(join(folder, path))
        files.push({ path, bytes: size })
      } else leftOut.push(path)
      if (files.length > MOST_FILES) throw tooMany(folder)
    }
  }
  await walk('')
  const byPath = (a: string, b: string) => (a < b ? -1 : 1)
  return { files: files.sort((a, b) => byPath(a.path, b.path)), leftOut: leftOut.sort(byPath) }
}

function tooMany(folder: string): PipiError {
  return new PipiError('input.invalid', `${folder} holds more than ${MOST_FILES} files`, {
    hint: 'Is it the right folder? Give the workspace a folder of its own, or deploy from git: --git URL --ref REF',
  })
}
