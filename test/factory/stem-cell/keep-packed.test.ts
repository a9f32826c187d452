import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Artifact } from '../../../engines/contract/engine.ts'
import { blobPath, openLayout } from '../../../engines/parts/image/layout.ts'
import { keepPacked } from '../../../factory/stem-cell/keep-packed.ts'
import { imageOf, rawTar } from '../../helpers/images.ts'
import { tempFolder } from '../../helpers/temp.ts'

async function packed(): Promise<Artifact> {
  const { path, manifest, bytes } = await imageOf([rawTar([{ path: 'text', type: 'File', body: 'same' }])])
  return { travels: 'image', path, digest: manifest.digest.slice('sha256:'.length), bytes }
}
const { signal } = new AbortController()

it('an image that was packed twice stays where it was, as used just now', async () => {
  const store = await tempFolder('store')
  const first = await keepPacked(await packed(), store, signal)
  if (first.travels !== 'image') throw new Error('no image')
  const inode = (await stat(first.path)).ino
  await utimes(first.path, new Date(0), new Date(0))
  expect(await keepPacked(await packed(), store, signal)).toEqual(first)
  const { ino, mtimeMs } = await stat(first.path)
  expect([ino, mtimeMs > 0]).toEqual([inode, true])
})

it.each([
  ['a layer', (path: string, layer: string) => rm(blobPath(path, layer))],
  ['its index', (path: string) => writeFile(join(path, 'index.json'), '')],
])('an image in the store that has lost %s gives way to the same one packed anew', async (_, breakIt) => {
  const store = await tempFolder('store')
  const first = await keepPacked(await packed(), store, signal)
  if (first.travels !== 'image') throw new Error('no image')
  const { layers } = await openLayout(first.path)
  await breakIt(first.path, layers[0]?.digest ?? '')
  expect(await keepPacked(await packed(), store, signal)).toEqual(first)
  expect((await openLayout(first.path)).manifest.digest).toBe(`sha256:${first.digest}`)
  expect(await readdir(store)).toEqual(['packed'])
})
