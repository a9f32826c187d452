import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { PipiError } from '../../../catalog/errors.ts'

export interface ZippedFile {
  name: string
  /** Bytes once unpacked, as the directory states; never more are given. */
  size: number
  /** Unix mode with the type's bits, 0 where none is stated. */
  mode: number
  packed: { method: number; size: number; at: number; crc: number }
}

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const DIRECTORY_BYTES = 64 * 1024 ** 2

/** A zip's directory, and its files one by one. What is no zip, is encrypted or packed in another way throws `build.failed`. */
export class ZipReader {
  readonly #file: FileHandle
  readonly files: readonly ZippedFile[]

  private constructor(file: FileHandle, files: ZippedFile[]) {
    this.#file = file
    this.files = files
  }

  static async open(path: string): Promise<ZipReader> {
    const file = await open(path, 'r')
    try {
      return new ZipReader(file, directoryOf(await readDirectory(file)))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Passes on a file's bytes, and throws when they are not what the directory says. */
  async read(zipped: ZippedFile, take: (chunk: Buffer) => Promise<void> | void): Promise<void> {
    const { at, size, method, crc } = zipped.packed
    const local = await bytes(this.#file, at, 30)
    if (local.readUInt32LE(0) !== LOCAL) throw broken(`${zipped.name} is not where the directory says`)
    const start = at + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
    let [got, sum] = [0, 0]
    const check = async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) {
        got += chunk.length
        if (got > zipped.size) throw broken(`${zipped.name} is larger than it says`)
        sum = crc32(chunk, sum)
        await take(chunk)
      }
    }
    if (size > 0) {
      const stream: Readable = this.#file.createReadStream({ start, end: start + size - 1, autoClose: false })
      if (method === 0) await pipeline(stream, check)
      else await pipeline(stream, createInflateRaw(), check).catch(asBroken(zipped.name))
    }
    if (got !== zipped.size || sum !== crc) throw broken(`${zipped.name} is damaged`)
  }

  /** A small file as text. */
  async text(zipped: ZippedFile, most = 1024 ** 2): Promise<string> {
    if (zipped.size > most) throw broken(`${zipped.name} is larger than ${most} bytes`)
    const chunks: Buffer[] = []
    await this.read(zipped, (chunk) => void chunks.push(chunk))
    return Buffer.concat(chunks).toString('utf8')
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

async function readDirectory(file: FileHandle): Promise<{ directory: Buffer; count: number }> {
  const { size } = await file.stat()
  const tail = await bytes(file, Math.max(0, size - 65_557), Math.min(size, 65_557))
  const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (at < 0 || at + 22 > tail.length || tail.readUInt32LE(at) !== END) throw broken('it has no directory')
  let [count, length, offset] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)]
  if (at >= 20 && tail.readUInt32LE(at - 20) === LOCATOR_64) {
    const large = await bytes(file, Number(tail.readBigUInt64LE(at - 12)), 56)
    if (large.readUInt32LE(0) !== END_64) throw broken('its directory is damaged')
    count = Number(large.readBigUInt64LE(32))
    length = Number(large.readBigUInt64LE(40))
    offset = Number(large.readBigUInt64LE(48))
  }
  if (length > DIRECTORY_BYTES || offset + length > size) throw broken('its directory is too large')
  return { directory: await bytes(file, offset, length), count }
}

function directoryOf({ directory, count }: { directory: Buffer; count: number }): ZippedFile[] {
  const files: ZippedFile[] = []
  let at = 0
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY) throw broken('its directory is damaged')
    const [names, extras, comments] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as number[]
    const nameEnd = at + 46 + (names ?? 0)
    const name = directory.toString('utf8', at + 46, nameEnd)
    const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)]
    if ((flags & 1) !== 0) throw broken(`${name} is encrypted`)
    if (method !== 0 && method !== 8) throw broken(`${name} is packed in a way that is not known`)
    const unix = directory.readUInt8(at + 5) === 3
    const sizes = sizesOf(directory, at, directory.subarray(nameEnd, nameEnd + (extras ?? 0)))
    files.push({
      name,
      size: sizes.size,
      mode: unix ? directory.readUInt32LE(at + 38) >>> 16 : 0,
      packed: { method, size: sizes.packed, at: sizes.at, crc: directory.readUInt32LE(at + 16) },
    })
    at = nameEnd + (extras ?? 0) + (comments ?? 0)
  }
  return files
}

/** Sizes and place, of which those that 32 bits cannot hold stand in the extra field 1, in this order. */
function sizesOf(directory: Buffer, at: number, extra: Buffer): { size: number; packed: number; at: number } {
  const fields = [24, 20, 42].map((field) => directory.readUInt32LE(at + field))
  let next = 0
  for (let from = 0; from + 4 <= extra.length; from += 4 + extra.readUInt16LE(from + 2)) {
    if (extra.readUInt16LE(from) === 1) next = from + 4
  }
  const [size = 0, packed = 0, place = 0] = fields.map((value) => {
    if (value !== 0xffffffff) return value
    if (next === 0 || next + 8 > extra.length) throw broken('its directory is damaged')
    next += 8
    return Number(extra.readBigUInt64LE(next - 8))
  })
  return { size, packed, at: place }
}

async function bytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(length), position, length })
  if (bytesRead !== length) throw broken('it ends too early')
  return buffer
}

function asBroken(name: string) {
  return (cause: unknown) => {
    if (cause instanceof PipiError) throw cause
    throw broken(`${name} is damaged`, cause)
  }
}

function broken(what: string, cause?: unknown): PipiError {
  return new PipiError('build.failed', `The archive cannot be read: ${what}`, {
    hint: 'It has to be a plain zip, complete and not encrypted.',
    ...(cause === undefined ? {} : { cause }),
  })
}
