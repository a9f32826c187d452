import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const ENTRY = 0x02014b50

/** Unpacks a zip of ours: plain files, stored or deflated. Throws for a name that leaves the folder. */
export async function unzip(bytes, folder) {
  for (const { name, executable, contents } of entriesOf(bytes)) {
    const path = join(folder, name)
    if (!path.startsWith(folder + sep)) throw new Error(`${name} lies outside`)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, contents, { mode: executable ? 0o755 : 0o644 })
  }
}

function* entriesOf(bytes) {
  let end = bytes.length - 22
  while (end >= 0 && bytes.readUInt32LE(end) !== END) end -= 1
  if (end < 0) throw new Error('not a zip')
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (bytes.readUInt32LE(at) !== ENTRY) throw new Error('a zip whose list is broken')
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset))
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength)
    const mode = bytes.readUInt32LE(at + 38) >>> 16
    if (!name.endsWith('/')) yield { name, executable: (mode & 0o111) !== 0, contents: contentsOf(bytes, at) }
    at += 46 + nameLength + extraLength + commentLength
  }
}

function contentsOf(bytes, entry) {
  const method = bytes.readUInt16LE(entry + 10)
  const size = bytes.readUInt32LE(entry + 20)
  const local = bytes.readUInt32LE(entry + 42)
  const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
  const packed = bytes.subarray(from, from + size)
  if (method === 0) return packed
  if (method === 8) return inflateRawSync(packed)
  throw new Error(`a zip with the compression ${method}`)
}
