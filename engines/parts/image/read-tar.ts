import { Header } from 'tar'

export interface TarEntry {
  /** As it stands in the archive: nothing about it is checked. */
  path: string
  linkpath: string
  type: 'file' | 'folder' | 'symlink' | 'hardlink' | 'other'
  /** Permission bits, with set-uid and the like. */
  mode: number
  size: number
  /** Once, before the next entry is asked for; what is not read is passed over. */
  body(): AsyncIterable<Buffer>
}

const BLOCK = 512
/** Most bytes of a name or of extended headers. */
const META_BYTES = 1024 ** 2
const TYPES: Record<string, TarEntry['type']> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
  CharacterDevice: 'other',
  BlockDevice: 'other',
  FIFO: 'other',
}

/**
 * The entries of a tar archive one after another, never more of it in memory than a block and a name: ustar, with the
 * extensions of POSIX (pax) and GNU for long names. The bytes are read to their end. Throws what is wrong with it.
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = new Input(bytes)
  let next: Record<string, string> = {}
  for (;;) {
    const block = await input.take(BLOCK)
    const header = block === undefined ? undefined : new Header(block)
    if (header === undefined || header.nullBlock) break
    if (!header.cksumValid) throw new Error('a header of the archive has a wrong checksum')
    const kind = header.type ?? 'Unsupported'
    const size = sizeOf(next.size ?? header.size)
    if (kind === 'ExtendedHeader' || kind === 'OldExtendedHeader') {
      Object.assign(next, paxOf(await input.text(size)))
    } else if (kind === 'NextFileHasLongPath' || kind === 'OldGnuLongPath') {
      next.path = untilZero(await input.text(size))
    } else if (kind === 'NextFileHasLongLinkpath') {
      next.linkpath = untilZero(await input.text(size))
    } else if (kind === 'GlobalExtendedHeader') {
      await input.text(size)
    } else {
      if (Object.keys(next).some((key) => key.startsWith('GNU.sparse'))) throw new Error('sparse files are not taken')
      const type = TYPES[kind]
      if (type === undefined) throw new Error(`an entry of the kind ${kind} is not taken`)
      // Only files have a body, whatever the header says of others.
      const body = input.body(type === 'file' ? size : 0)
      const { path = header.path ?? '', linkpath = header.linkpath ?? '' } = next
      next = {}
      yield { path, linkpath, type, mode: (header.mode ?? 0o644) & 0o7777, size, body: () => body }
      for await (const _ of body) {
        // What the caller has left.
      }
    }
  }
  await input.drain()
}

class Input {
  readonly #bytes: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes[Symbol.asyncIterator]()
  }

  /** Exactly so many bytes; undefined at the end. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = []
    let missing = length
    while (missing > 0) {
      const part = await this.#some(missing)
      if (part === undefined && missing === length) return undefined
      if (part === undefined) throw new Error('the archive ends in the middle')
      parts.push(part)
      missing -= part.length
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts)
  }

  async text(size: number): Promise<string> {
    if (size > META_BYTES) throw new Error(`a name in the archive has ${size} bytes`)
    const chunks: Buffer[] = []
    for await (const chunk of this.body(size)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }

  async *body(size: number): AsyncGenerator<Buffer> {
    // The rest of the last block is filled up.
    const end = Math.ceil(size / BLOCK) * BLOCK
    let at = 0
    try {
      while (at < size) {
        const part = await this.#some(size - at)
        if (part === undefined) throw new Error('the archive ends in the middle')
        at += part.length
        yield part
      }
    } finally {
      while (at < end) {
        const part = await this.#some(end - at)
        if (part === undefined) break
        at += part.length
      }
    }
  }

  async drain(): Promise<void> {
    while ((await this.#some(Number.POSITIVE_INFINITY)) !== undefined);
  }

  async #some(most: number): Promise<Buffer | undefined> {
    while (this.#held.length === 0) {
      const { done, value } = await this.#bytes.next()
      if (done === true) return undefined
      this.#held = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    const part = this.#held.subarray(0, most)
    this.#held = this.#held.subarray(part.length)
    return part
  }
}

function sizeOf(size: string | number | undefined): number {
  const bytes = Number(size ?? 0)
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error(`an entry of the archive has the size ${size}`)
  return bytes
}

/** `<length> <key>=<value>\n`, the length in bytes and of the whole. */
function paxOf(text: string): Record<string, string> {
  const bytes = Buffer.from(text, 'utf8')
  const found: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, space))
    const equals = bytes.indexOf(0x3d, space)
    if (space < 0 || equals < 0 || !Number.isSafeInteger(length) || length <= 0 || at + length > bytes.length)
      throw new Error('an extended header of the archive is not well-formed')
    found[bytes.toString('utf8', space + 1, equals)] = bytes.toString('utf8', equals + 1, at + length - 1)
    at += length
  }
  return found
}

function untilZero(text: string): string {
  return text.replace(/\0[\s\S]*$/, '')
}
