import { execFile } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import yazl from 'yazl'
import { readZip } from '../../../../stacks/sandbox/zip/read.ts'
import { unpackZip } from '../../../../stacks/sandbox/zip/unpack.ts'
import { writeZip } from '../../../../stacks/sandbox/zip/write.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const text = (value: string): Buffer => Buffer.from(value)

describe('zips', () => {
  it('come back as they were written, and the same files make the same bytes', async () => {
    const files = [
      { path: 'b/ü.txt', bytes: text('x'.repeat(10_000)) },
      { path: 'a.txt', bytes: text('') },
    ]
    const zip = await writeZip(files)
    expect(await writeZip([...files].reverse())).toEqual(zip)
    const read = readZip(zip)
    expect(read.map((one) => [one.path, Buffer.from(one.bytes).toString()])).toEqual([
      ['a.txt', ''],
      ['b/ü.txt', 'x'.repeat(10_000)],
    ])
  })

  it('are read as other tools write them, executables and comments included', async () => {
    const folder = await tempFolder('zip')
    await mkdir(join(folder, 'in'))
    await writeFile(join(folder, 'in/run.sh'), '#!/bin/sh\n', { mode: 0o755 })
    await promisify(execFile)('python3', [
      '-c',
      'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\nz.write(sys.argv[2],"run.sh")\nz.comment=b"a comment"',
      join(folder, 'out.zip'),
      join(folder, 'in/run.sh'),
    ])
    const entries = readZip(await readFile(join(folder, 'out.zip')))
    expect(entries).toMatchObject([{ path: 'run.sh', executable: true }])
  })

  it('that lead outside, hold links, are damaged, or are none at all are refused', async () => {
    const zip = Buffer.from(await writeZip([{ path: 'aa/evil.txt', bytes: text('contents') }]))
    const renamed = (to: string): Buffer => Buffer.from(zip.toString('latin1').replaceAll('aa/evil.txt', to), 'latin1')
    expect(() => readZip(renamed('../evil.txt'))).toThrow(/inside the zip/)
    expect(() => readZip(renamed('/a/evil.txt'))).toThrow(/inside the zip/)
    expect(() => readZip(renamed('a\\\\evil.txt'))).toThrow(/inside the zip/)
    expect(() => readZip(Buffer.from('not a zip, but long enough to be one'))).toThrow(/expected a zip/)
    expect(() => readZip(new Uint8Array())).toThrow(/expected a zip/)
    for (let at = 0; at < zip.length; at += 1) {
      const damaged = Buffer.from(zip)
      damaged[at] = (damaged[at] ?? 0) ^ 0xff
      try {
        for (const entry of readZip(damaged)) expect(Buffer.from(entry.bytes).toString()).toBe('contents')
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }
    const link = new yazl.ZipFile()
    link.addBuffer(text('/etc/passwd'), 'link', { mode: 0o120777 })
    link.end()
    expect(() => readZip(Buffer.from([]))).toThrow()
    const bytes = await buffer(link.outputStream)
    expect(() => readZip(bytes)).toThrow(/link/)
  })

  it('are unpacked once, whole or not at all, also by two at a time', async () => {
    const folder = join(await tempFolder('zip'), 'unpacked', 'digest')
    const zip = await writeZip([{ path: 'a/b.txt', bytes: text('b') }])
    await Promise.all([unpackZip(zip, folder), unpackZip(zip, folder), unpackZip(zip, folder)])
    expect(await readFile(join(folder, 'a/b.txt'), 'utf8')).toBe('b')
    const before = await stat(folder)
    await unpackZip(zip, folder)
    expect((await stat(folder)).ctimeMs).toBe(before.ctimeMs)
  })
})
