import { crc32, inflateRawSync } from 'node:zlib'

export interface ZipEntry {
  /** Relative, with forward slashes, never leaving the archive. */
  path: string
  bytes: Uint8Array
  executable: boolean
}

const END_OF_DIRECTORY = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
/** What an archive may hold when unpacked: beyond it, it is a bomb. */
const MOST_BYTES = 512 * 1024 * 1024
const MOST_ENTRIES = 20_000

/** Reads the files of a zip (stored or deflated). Links, encrypted entries and paths that lead outside are refused. */
export function readZip(zip: Uint8Array): ZipEntry[] {
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength)
  const { count, offset } = directoryOf(bytes)
  if (count > MOST_ENTRIES) throw new Error(`expected at most ${MOST_ENTRIES} files in a zip, got ${count}`)
  const entries: ZipEntry[] = []
  let at = offset
  let total = 0
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== DIRECTORY_ENTRY) throw broken('its directory ends early')
    const header = headerAt(bytes, at)
    at = header.next
    if (header.name.endsWith('/')) continue
    total += header.size
    if (total > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES} bytes unpacked, got more`)
    entries.push({
      path: safePath(header.name),
      bytes: contentsOf(bytes, header),
      executable: (header.mode & 0o111) !== 0,
    })
  }
  return entries
}

interface Header {
  name: string
  method: number
  crc: number
  packed: number
  size: number
  local: number
  mode: number
  next: number
}

function directoryOf(bytes: Buffer): { count: number; offset: number } {
  // The record is 22 bytes and a comment of at most 64 KiB; it is looked for from the end.
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 0xffff); at -= 1) {
    if (bytes.readUInt32LE(at) === END_OF_DIRECTORY) {
      return { count: bytes.readUInt16LE(at + 10), offset: bytes.readUInt32LE(at + 16) }
    }
  }
  throw broken('it has no directory')
}

function headerAt(bytes: Buffer, at: number): Header {
  const nameLength = bytes.readUInt16LE(at + 28)
  const next = at + 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
  const madeOnUnix = bytes.readUInt8(at + 5) === 3
  const mode = madeOnUnix ? bytes.readUInt16LE(at + 40) : 0o644
  if ((bytes.readUInt16LE(at + 8) & 1) !== 0) throw new Error(`expected no encryption in a zip, got it on "${name}"`)
  if (madeOnUnix && (mode & 0o170000) === 0o120000) throw new Error(`expected files in a zip, got the link "${name}"`)
  return {
    name,
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packed: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    local: bytes.readUInt32LE(at + 42),
    mode,
    next,
  }
}

function contentsOf(bytes: Buffer, header: Header): Uint8Array {
  if (header.local + 30 > bytes.length) throw broken(`"${header.name}" lies outside`)
  const start = header.local + 30 + bytes.readUInt16LE(header.local + 26) + bytes.readUInt16LE(header.local + 28)
  const packed = bytes.subarray(start, start + header.packed)
  const contents = unpack(packed, header)
  if (contents.length !== header.size || crc32(contents) !== header.crc) throw broken(`"${header.name}" is damaged`)
  return contents
}

function unpack(packed: Uint8Array, header: Header): Uint8Array {
  if (header.method === 0) return packed
  if (header.method !== 8)
    throw new Error(`expected stored or deflated files in a zip, got method ${header.method} on "${header.name}"`)
  return inflateRawSync(packed, { maxOutputLength: Math.max(1, header.size) })
}

function safePath(name: string): string {
  const parts = name.split('/')
  if (name.startsWith('/') || name.includes('\\') || name.includes('\0') || parts.some((part) => part === '..')) {
    throw new Error(`expected paths inside the zip, got "${name}"`)
  }
  return parts.filter((part) => part !== '' && part !== '.').join('/')
}

function broken(why: string): Error {
  return new Error(`expected a zip: ${why}`)
}
