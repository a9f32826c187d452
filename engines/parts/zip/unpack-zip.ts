import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'
import { type ZippedFile, ZipReader } from './read-zip.ts'

export interface UnpackOrder {
  file: string
  /** Emptied first; holds the files afterwards, or is not there when it failed. */
  folder: string
  signal: AbortSignal
  /** Bytes once unpacked. */
  bytes: number
  entries: number
}

/** Unpacks a zip: files and folders only, all below `folder`, each once, and never more than was allowed. Throws `build.failed`. */
export async function unpackZip(order: UnpackOrder): Promise<void> {
  const { folder, signal } = order
  const zip = await ZipReader.open(order.file)
  await rm(folder, { recursive: true, force: true })
  try {
    judge(zip.files, order)
    await mkdir(folder, { recursive: true })
    for (const entry of zip.files) {
      signal.throwIfAborted()
      const path = join(folder, entry.name)
      if (entry.name.endsWith('/')) await mkdir(path, { recursive: true })
      else await write(zip, entry, path)
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    throw error
  } finally {
    await zip.close()
  }
}

async function write(zip: ZipReader, entry: ZippedFile, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  // Never over or through something that is there.
  const target = await open(path, 'wx', (entry.mode & 0o100) === 0 ? 0o644 : 0o755)
  try {
    await zip.read(entry, async (chunk) => {
      await target.write(chunk)
    })
  } finally {
    await target.close()
  }
}

const TYPE = 0o170000
const REGULAR = 0o100000
const FOLDER = 0o040000

function judge(entries: readonly ZippedFile[], order: UnpackOrder): void {
  if (entries.length > order.entries) throw refused(`it holds more than ${order.entries} entries`)
  const names = new Set<string>()
  const folders = new Set<string>()
  let bytes = 0
  for (const { name, size, mode } of entries) {
    bytes += size
    if (bytes > order.bytes) throw refused(`it unpacks to more than ${Math.round(order.bytes / 1024 ** 2)} MiB`)
    const plain = name.replace(/\/$/, '')
    const shown = JSON.stringify(name.slice(0, 100))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no name of a file holds any
    if (plain === '' || plain.length > 1000 || /[\u0000-\u001f\\]|^\/|^[A-Za-z]:/.test(plain))
      throw refused(`${shown} is no relative path`)
    if (plain.split('/').some((part) => part === '..' || part === '.' || part === ''))
      throw refused(`${shown} leads out of it`)
    const type = mode & TYPE
    if (type !== 0 && type !== (name.endsWith('/') ? FOLDER : REGULAR)) throw refused(`${shown} is no file or folder`)
    // Where capitals do not count, two names would be one file.
    const key = plain.normalize('NFC').toLowerCase()
    if (names.has(key)) throw refused(`${shown} is in it twice`)
    for (let at = key.lastIndexOf('/'); at > 0; at = key.lastIndexOf('/', at - 1)) folders.add(key.slice(0, at))
    if (name.endsWith('/')) folders.add(key)
    else names.add(key)
  }
  const both = [...names].find((name) => folders.has(name))
  if (both !== undefined) throw refused(`${JSON.stringify(both.slice(0, 100))} is a file and a folder`)
}

function refused(what: string): PipiError {
  return new PipiError('build.failed', `The archive is not unpacked: ${what}`, {
    hint: 'It may hold files and folders by relative paths, each once.',
  })
}
