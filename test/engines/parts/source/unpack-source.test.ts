import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { create, Header, type HeaderData } from 'tar'
import { describe, expect, it } from 'vitest'
import { unpackSource } from '../../../../engines/parts/source/unpack-source.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const signal = new AbortController().signal

describe('unpackSource', () => {
  it('unpacks files and folders, and keeps what is executable', async () => {
    const root = await tempFolder('unpack')
    await mkdir(join(root, 'from/sub'), { recursive: true })
    await writeFile(join(root, 'from/sub/run.sh'), '#!/bin/sh', { mode: 0o755 })
    await writeFile(join(root, 'from/page.txt'), 'hello')
    const archive = await readAll(create({ gzip: true, cwd: join(root, 'from') }, ['.']))
    await unpackSource({ archive, folder: join(root, 'to'), signal })
    expect((await readdir(join(root, 'to'))).sort()).toEqual(['page.txt', 'sub'])
    expect(await readFile(join(root, 'to/page.txt'), 'utf8')).toBe('hello')
    expect((await stat(join(root, 'to/sub/run.sh'))).mode & 0o777).toBe(0o755)
  })

  it.each([
    ['a path upwards', { path: '../evil', type: 'File' }],
    ['a path upwards inside', { path: 'a/../../evil', type: 'File' }],
    ['an absolute path', { path: '/tmp/evil', type: 'File' }],
    ['a link out', { path: 'x', type: 'SymbolicLink', linkpath: '/etc' }],
    ['a hard link', { path: 'x', type: 'Link', linkpath: '/etc/passwd' }],
    ['a device', { path: 'x', type: 'CharacterDevice' }],
    ['a pipe', { path: 'x', type: 'FIFO' }],
  ] as [string, HeaderData][])('refuses %s and leaves nothing', async (_, header) => {
    const folder = join(await tempFolder('unpack'), 'to')
    await expect(unpackSource({ archive: tarOf([header]), folder, signal })).rejects.toMatchObject({
      code: 'source.unreachable',
    })
    await expect(access(folder)).rejects.toThrow()
    await expect(access('/tmp/evil')).rejects.toThrow()
  })

  it('refuses a link together with a file through it', async () => {
    const root = await tempFolder('unpack')
    const archive = tarOf([
      { path: 'x', type: 'SymbolicLink', linkpath: root },
      { path: 'x/evil', type: 'File' },
    ])
    await expect(unpackSource({ archive, folder: join(root, 'to'), signal })).rejects.toMatchObject({
      code: 'source.unreachable',
    })
    expect(await readdir(root)).toEqual([])
  })

  it('refuses a bomb, too many entries, and what is no archive', async () => {
    const folder = join(await tempFolder('unpack'), 'to')
    const bomb = gzipSync(Buffer.alloc(30 * 1024 ** 2))
    await expect(unpackSource({ archive: bomb, folder, signal, bytes: 1024 ** 2 })).rejects.toThrow(/more than 1 MiB/)
    const many = tarOf(Array.from({ length: 50 }, (_, index) => ({ path: `f${index}`, type: 'File' }) as HeaderData))
    await expect(unpackSource({ archive: many, folder, signal, entries: 49 })).rejects.toThrow(/more than 49 entries/)
    for (const archive of [
      Buffer.from('no archive'),
      gzipSync(Buffer.alloc(2000, 'x')),
      many.subarray(0, many.length / 2),
    ]) {
      await expect(unpackSource({ archive, folder, signal })).rejects.toMatchObject({ code: 'source.unreachable' })
    }
  })
})

function tarOf(headers: HeaderData[]): Uint8Array {
  const blocks = headers.map((data) => {
    const header = new Header({ mode: 0o644, size: 0, uid: 0, gid: 0, mtime: new Date(0), ...data })
    header.encode()
    return header.block as Buffer
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
