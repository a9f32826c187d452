import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { blobPath, type Layout, sha256 } from '../../../../engines/parts/image/layout.ts'
import { MEDIA } from '../../../../engines/parts/image/oci.ts'
import { unpackImage } from '../../../../engines/parts/image/unpack.ts'
import { beginLayout, closeLayout, writeBlob } from '../../../../engines/parts/image/write-layout.ts'
import { imageOf, type RawEntry, rawTar } from '../../../helpers/images.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const signal = new AbortController().signal

/** Folder of the test; the image comes into `rootfs`, and nothing but that may change. */
let folder: string
let rootfs: string
beforeEach(async () => {
  folder = await tempFolder('unpack')
  rootfs = join(folder, 'rootfs')
  await mkdir(join(folder, 'outside'))
  await writeFile(join(folder, 'outside', 'precious'), 'mine')
})

const file = (path: string, body = path): RawEntry => ({ path, type: 'File', body })
const dir = (path: string): RawEntry => ({ path, type: 'Directory' })
const link = (path: string, linkpath: string): RawEntry => ({ path, type: 'SymbolicLink', linkpath })
const hard = (path: string, linkpath: string): RawEntry => ({ path, type: 'Link', linkpath })

async function unpack(...layers: RawEntry[][]): Promise<Layout> {
  const layout = await imageOf(layers.map(rawTar))
  await unpackImage(layout.path, rootfs, { signal })
  return layout
}

/** All that lies in the image: files with their text, links with an arrow, folders with a slash. */
async function found(at = rootfs, name = ''): Promise<string[]> {
  const entries = await readdir(at, { withFileTypes: true })
  const lines = entries.map(async (entry) => {
    const [path, shown] = [join(at, entry.name), `${name}${entry.name}`]
    if (entry.isDirectory()) return [`${shown}/`, ...(await found(path, `${shown}/`))]
    return [
      entry.isSymbolicLink() ? `${shown} -> ${await readlink(path)}` : `${shown}: ${await readFile(path, 'utf8')}`,
    ]
  })
  return (await Promise.all(lines)).flat().sort()
}

async function nothingOutside(): Promise<void> {
  expect((await readdir(folder)).filter((name) => name !== 'rootfs')).toEqual(['outside'])
  expect(await readdir(join(folder, 'outside'))).toEqual(['precious'])
  expect(await readFile(join(folder, 'outside', 'precious'), 'utf8')).toBe('mine')
}

describe('the layers of an image', () => {
  it('come one over the other: later files win, and whiteouts take away what lies below', async () => {
    await unpack(
      [
        file('a', '1'),
        file('b', '1'),
        dir('kept/'),
        file('kept/x', '1'),
        dir('all/'),
        file('all/y', '1'),
        file('d/e/f', '1'),
      ],
      [
        file('a', '2'),
        file('.wh.b', ''),
        file('kept/.wh.x', ''),
        file('all/z', '2'),
        file('all/.wh..wh..opq', ''),
        file('.wh.d', ''),
      ],
      [file('b', '3'), link('c', 'a')],
    )
    expect(await found()).toEqual(['a: 2', 'all/', 'all/z: 2', 'b: 3', 'c -> a', 'kept/'])
  })

  it('may put a folder where a file or a link was, and a file where a folder was', async () => {
    await unpack(
      [file('a'), link('b', 'c'), dir('c/'), file('c/x'), dir('d/'), file('d/x')],
      [dir('a/'), file('a/in'), dir('b/'), file('b/in'), file('d', 'file')],
    )
    expect(await found()).toEqual(['a/', 'a/in: a/in', 'b/', 'b/in: b/in', 'c/', 'c/x: c/x', 'd: file'])
  })

  it('go through the links of the image as the image itself would', async () => {
    await unpack(
      [dir('usr/bin/'), link('bin', 'usr/bin'), link('sbin', '/usr/bin'), link('up', '../../../usr')],
      [file('bin/one', '1'), file('sbin/two', '2'), file('up/bin/three', '3')],
    )
    expect(await found()).toEqual(
      [
        'bin -> usr/bin',
        'sbin -> /usr/bin',
        'up -> ../../../usr',
        'usr/',
        'usr/bin/',
        'usr/bin/one: 1',
        'usr/bin/three: 3',
        'usr/bin/two: 2',
      ].sort(),
    )
  })

  it('keep what may be executed and what all may write, and nothing that changes who one is', async () => {
    await unpack([
      { path: 'run', type: 'File', mode: 0o4755 },
      { path: 'tmp/', type: 'Directory', mode: 0o1777 },
      { path: 'closed/', type: 'Directory', mode: 0o000 },
      file('closed/in'),
    ])
    const modes = await Promise.all(
      ['run', 'tmp', 'closed'].map(async (name) => (await stat(join(rootfs, name))).mode & 0o7777),
    )
    expect(modes).toEqual([0o755, 0o1777, 0o700])
    expect((await stat(join(rootfs, 'run'))).uid).toBe(process.getuid?.())
  })

  it('may be zstd or not compressed, with names longer than a header holds, and empty', async () => {
    const deep = `${'deep/'.repeat(60)}name`
    const record = `path=${deep}\n`
    const long = rawTar([
      { path: 'pax', type: 'ExtendedHeader' as 'File', body: `${record.length + 4} ${record}` },
      file('short', 'found'),
    ])
    const layers = [
      { bytes: zstdCompressSync(long), mediaType: MEDIA.zstd, inside: long },
      { bytes: rawTar([file('plain')]), mediaType: MEDIA.tar, inside: rawTar([file('plain')]) },
      { bytes: gzipSync(rawTar([])), mediaType: MEDIA.gzip, inside: rawTar([]) },
    ]
    const path = await tempFolder('image')
    await beginLayout(path)
    const descriptors = []
    for (const { bytes, mediaType } of layers) descriptors.push(await writeBlob(path, mediaType, bytes))
    const rootfsOf = { type: 'layers' as const, diff_ids: layers.map(({ inside }) => sha256(inside)) }
    await closeLayout(path, { architecture: 'amd64', os: 'linux', rootfs: rootfsOf }, descriptors)
    await unpackImage(path, rootfs, { signal })
    expect(await readFile(join(rootfs, deep), 'utf8')).toBe('found')
    expect(await readFile(join(rootfs, 'plain'), 'utf8')).toBe('plain')
  })
})

describe('a hostile layer leaves nothing outside:', () => {
  it.each<[string, RawEntry[]]>([
    ['a path that leads up', [file('../outside/planted')]],
    ['a path that leads up in its middle', [file('a/../../outside/planted')]],
    ['a link out with a hard link to it', [hard('stolen', '../outside/precious')]],
    ['a hard link to nothing inside', [hard('stolen', 'outside/precious')]],
    ['a whiteout of what is above', [file('a/.wh...', '')]],
    ['a whiteout of the root', [file('.wh..', '')]],
    ['links that go in circles', [link('a', 'b'), link('b', 'a'), file('a/in')]],
    ['a path through a file', [file('a'), file('a/b')]],
    ['a name with a zero byte', [{ path: 'p', type: 'ExtendedHeader' as 'File', body: '14 path=a\0b/c\n' }, file('x')]],
    ['a kind that nobody knows', [{ ...file('x'), type: 'SolarisACL' as 'File' }]],
  ])('%s is refused, and nothing is left of the image', async (_, entries) => {
    await expect(unpack([file('good'), ...entries])).rejects.toMatchObject({ code: 'build.failed' })
    expect(await readdir(folder)).toEqual(['outside'])
    await nothingOutside()
  })

  it.each<[string, (outside: string) => RawEntry[][]]>([
    ['an absolute link and a file through it', (to) => [[link('evil', to), file('evil/planted')]]],
    ['the same with the link in a layer below', (to) => [[link('evil', to)], [file('evil/planted')]]],
    ['a relative link up and a file through it', () => [[link('evil', '../outside'), file('evil/planted')]]],
    ['a file over a link to a file', (to) => [[link('evil', `${to}/precious`), file('evil', 'planted')]]],
    ['a folder over a link, closed', (to) => [[link('evil', to), { path: 'evil/', type: 'Directory', mode: 0o700 }]]],
    [
      'a hard link to a link, and a file over that',
      (to) => [[link('evil', `${to}/precious`), hard('two', 'evil'), file('two', 'planted')]],
    ],
    ['a whiteout through a link', (to) => [[link('evil', to)], [file('evil/.wh.precious', '')]]],
    ['an opaque whiteout through a link', (to) => [[link('evil', to)], [file('evil/.wh..wh..opq', '')]]],
    ['a whiteout of a link', (to) => [[link('evil', to)], [file('.wh.evil', '')]]],
    ['an absolute path', (to) => [[file(`${to}/planted`)]]],
    [
      'a hard link through a link',
      (to) => [[link('evil', to), file(`${to}/precious`, 'inside'), hard('two', 'evil/precious')]],
    ],
  ])('%s stays inside', async (_, layers) => {
    await unpack(...layers(join(folder, 'outside')))
    await nothingOutside()
    expect((await stat(join(folder, 'outside'))).mode & 0o777).not.toBe(0)
  })

  it('whatever its entries are, in whatever order: it is unpacked inside or refused', async () => {
    const outside = join(folder, 'outside')
    const names = ['a', 'b', 'c', '.', 'outside']
    const part = fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...names) },
      { weight: 1, arbitrary: fc.constant('..') },
    )
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    const leaf = fc.constantFrom('precious', 'planted', 'a', '.wh.a', '.wh.precious', '.wh..wh..opq')
    const filePath = fc.tuple(path, leaf).map((parts) => parts.join('/'))
    // Paths through names that others may have made links of, and links that lead out by all ways.
    const target = fc.oneof(
      path,
      fc.constantFrom(outside, `${outside}/precious`, '../outside', '../../outside', '/', '..'),
    )
    const entry = fc.oneof<fc.Arbitrary<RawEntry>[]>(
      filePath.map((name) => file(name, 'planted')),
      path.map((name) => dir(`${name}/`)),
      fc.tuple(path, target).map(([name, to]) => link(name, to)),
      fc.tuple(filePath, filePath).map(([name, to]) => hard(name, to)),
    )
    const layers = fc.array(fc.array(entry, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 })
    let unpacked = 0
    await fc.assert(
      fc.asyncProperty(layers, async (given) => {
        const done = await unpack(...given).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'build.failed', message: expect.stringMatching(/is not unpacked/) })
            return false
          },
        )
        if (done) unpacked += 1
        expect((await readdir(folder)).sort()).toEqual(done ? ['outside', 'rootfs'] : ['outside'])
        await nothingOutside()
      }),
      { numRuns: 70 },
    )
    expect(unpacked).toBeGreaterThan(0)
  })

  it('devices and pipes are left out', async () => {
    await unpack([
      { path: 'dev/mem', type: 'CharacterDevice', devmaj: 1, devmin: 1 },
      { path: 'pipe', type: 'FIFO' },
      file('dev/file'),
    ])
    expect(await found()).toEqual(['dev/', 'dev/file: dev/file'])
  })

  it('a bomb is stopped at the bytes and entries that are allowed', async () => {
    const bomb = await imageOf([rawTar([{ path: 'zeros', type: 'File', body: Buffer.alloc(64 * 1024 ** 2) }])])
    expect(bomb.bytes).toBeLessThan(1024 ** 2)
    await expect(unpackImage(bomb.path, rootfs, { signal, bytes: 1024 ** 2 })).rejects.toThrow(/more than is allowed/)
    const many = await imageOf([rawTar(Array.from({ length: 100 }, (_, at) => file(`f${at}`)))])
    await expect(unpackImage(many.path, rootfs, { signal, entries: 99 })).rejects.toThrow(/too many entries/)
    expect(await readdir(folder)).toEqual(['outside'])
  })
})

describe('what is unpacked', () => {
  it('is refused when a layer has other bytes than its digest, also inside, and when it is cut off', async () => {
    const layout = await imageOf([rawTar([file('a')])])
    const [layer] = layout.layers
    const path = blobPath(layout.path, layer?.digest ?? '')
    await chmod(path, 0o644)
    const right = await readFile(path)
    // The header's date: gzip does not mind.
    await writeFile(path, Buffer.from(right.map((byte, at) => (at === 4 ? byte ^ 1 : byte))))
    await expect(unpackImage(layout.path, rootfs, { signal })).rejects.toThrow(/has other bytes/)
    await writeFile(path, right.subarray(0, 30))
    await expect(unpackImage(layout.path, rootfs, { signal })).rejects.toThrow(/30 bytes/)
    const other = await tempFolder('image')
    await beginLayout(other)
    const descriptor = await writeBlob(other, MEDIA.gzip, gzipSync(rawTar([file('b')])))
    const wrong = { type: 'layers' as const, diff_ids: [sha256(rawTar([file('a')]))] }
    await closeLayout(other, { architecture: 'amd64', os: 'linux', rootfs: wrong }, [descriptor])
    await expect(unpackImage(other, rootfs, { signal })).rejects.toThrow(/other bytes than the configuration says/)
    await expect(lstat(rootfs)).rejects.toThrow()
  })

  it('takes the place of what was there', async () => {
    await mkdir(rootfs)
    await symlink(join(folder, 'outside'), join(rootfs, 'a'))
    await unpack([file('a/b')])
    expect(await found()).toEqual(['a/', 'a/b: a/b'])
    await nothingOutside()
    await rm(rootfs, { recursive: true })
    await symlink(join(folder, 'outside'), rootfs)
    await unpack([file('a')])
    await nothingOutside()
  })

  it('ends at once when it is cancelled', async () => {
    const layout = await imageOf([rawTar([file('a')])])
    await expect(unpackImage(layout.path, rootfs, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
    await expect(lstat(rootfs)).rejects.toThrow()
  })
})
