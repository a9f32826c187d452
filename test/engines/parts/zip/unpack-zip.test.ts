import { access, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { unpackZip } from '../../../../engines/parts/zip/unpack-zip.ts'
import { writeZip } from '../../../../engines/parts/zip/zip.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const signal = new AbortController().signal
const ROOM = { bytes: 100_000, entries: 10 }

interface Raw {
  name: string
  content?: Uint8Array
  mode?: number
  /** What the directory says in place of the truth. */
  says?: { size?: number; crc?: number; method?: number; flags?: number; at?: number }
}

/** A zip as nobody's tool writes it: entry by entry, with lies where they are wanted. */
function zipOf(entries: Raw[]): Buffer {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const { name, content = Buffer.from('x'), mode = 0o100644, says = {} } of entries) {
    const packed = deflateRawSync(content)
    const header = Buffer.alloc(46)
    const fields = { crc: crc32(content), size: content.length, method: 8, flags: 0, at, ...says }
    header.writeUInt32LE(0x02014b50, 0)
    header.writeUInt16LE(0x0314, 4)
    header.writeUInt16LE(fields.flags, 8)
    header.writeUInt16LE(fields.method, 10)
    header.writeUInt32LE(fields.crc >>> 0, 16)
    header.writeUInt32LE(packed.length, 20)
    header.writeUInt32LE(fields.size, 24)
    header.writeUInt16LE(Buffer.byteLength(name), 28)
    header.writeUInt32LE((mode << 16) >>> 0, 38)
    header.writeUInt32LE(fields.at, 42)
    directory.push(header, Buffer.from(name))
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(Buffer.byteLength(name), 26)
    files.push(local, Buffer.from(name), packed)
    at += 30 + Buffer.byteLength(name) + packed.length
  }
  const [before, list] = [Buffer.concat(files), Buffer.concat(directory)]
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(before.length, 16)
  return Buffer.concat([before, list, end])
}

async function unpack(zip: Uint8Array, room = ROOM) {
  const root = await tempFolder('zip')
  const [file, folder] = [join(root, 'a.zip'), join(root, 'to')]
  await writeFile(file, zip)
  return { root, folder, ended: await unpackZip({ file, folder, signal, ...room }).catch((error) => error) }
}

describe('a zip', () => {
  it('of another tool is unpacked as it was packed', async () => {
    const root = await tempFolder('zip')
    await writeFile(join(root, 'run.sh'), '#!/bin/sh')
    const entries = [{ name: 'bin/run.sh', file: join(root, 'run.sh'), executable: true }]
    await writeZip([...entries, { name: 'page.html', text: 'hi' }, { name: 'empty', text: '' }], join(root, 'a.zip'))
    const { ended, folder } = await unpack(await readFile(join(root, 'a.zip')))
    expect(ended).toBeUndefined()
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['bin', 'bin/run.sh', 'empty', 'page.html'])
    expect(await readFile(join(folder, 'page.html'), 'utf8')).toBe('hi')
    expect((await stat(join(folder, 'bin/run.sh'))).mode & 0o777).toBe(0o755)
  })

  it('with folders of their own, and without modes, is unpacked too', async () => {
    const zip = zipOf([
      { name: 'a/', content: Buffer.alloc(0), mode: 0o040755 },
      { name: 'a/b' },
      { name: 'c', mode: 0 },
    ])
    const { ended, folder } = await unpack(zip)
    expect(ended).toBeUndefined()
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['a', 'a/b', 'c'])
  })

  const many = Array.from({ length: 11 }, (_, at) => ({ name: `f${at}` }))
  const bomb = { name: 'a', content: Buffer.alloc(5_000_000) }
  it.each<[string, Raw[] | Buffer, RegExp]>([
    ['a path upwards', [{ name: '../evil' }], /leads out/],
    ['a path upwards inside', [{ name: 'a/../../evil' }], /leads out/],
    ['an absolute path', [{ name: '/evil' }], /no relative path/],
    ['a path of Windows', [{ name: 'a\\..\\..\\evil' }], /no relative path/],
    ['a drive', [{ name: 'C:evil' }], /no relative path/],
    ['a name with a NUL', [{ name: 'a\0b' }], /no relative path/],
    ['a link', [{ name: 'a', content: Buffer.from('/etc'), mode: 0o120777 }], /no file or folder/],
    ['a device', [{ name: 'a', mode: 0o020666 }], /no file or folder/],
    ['a pipe', [{ name: 'a', mode: 0o010666 }], /no file or folder/],
    ['the same name twice', [{ name: 'A' }, { name: 'a' }], /twice/],
    ['a file where a folder has to be', [{ name: 'a' }, { name: 'a/b' }], /a file and a folder/],
    ['too many entries', many, /more than 10 entries/],
    ['a bomb that says so', [bomb], /unpacks to more than/],
    ['a bomb that does not', [{ ...bomb, says: { size: 10 } }], /larger than it says/],
    [
      'many files in one place',
      [
        { name: 'a', content: Buffer.alloc(60_000) },
        { name: 'b', content: Buffer.alloc(60_000), says: { at: 0 } },
      ],
      /unpacks to more/,
    ],
    ['damaged bytes', [{ name: 'a', says: { crc: 1 } }], /damaged/],
    ['an encrypted file', [{ name: 'a', says: { flags: 1 } }], /encrypted/],
    ['another packing', [{ name: 'a', says: { method: 12 } }], /not known/],
    ['a file that lies elsewhere', [{ name: 'a', says: { at: 9 } }], /not where the directory says/],
    ['nothing of a zip', Buffer.from('no zip at all'), /no directory/],
    ['half of a zip', zipOf([{ name: 'a' }]).subarray(0, 40), /no directory/],
    [
      'a directory without end',
      Buffer.concat([zipOf([{ name: 'a' }]).subarray(0, -10), Buffer.alloc(10, 255)]),
      /directory/,
    ],
  ])('with %s is refused with nothing left of it', async (_name, entries, message) => {
    const { root, ended } = await unpack(Buffer.isBuffer(entries) ? entries : zipOf(entries))
    expect(ended).toMatchObject({ code: 'build.failed', message: expect.stringMatching(message) })
    expect(await readdir(root)).toEqual(['a.zip'])
    await expect(access(join(root, '../evil'))).rejects.toThrow()
  })
})
