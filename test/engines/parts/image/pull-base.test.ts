import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Layout, sha256 } from '../../../../engines/parts/image/layout.ts'
import type { Manifest } from '../../../../engines/parts/image/oci.ts'
import { pullBase } from '../../../../engines/parts/image/pull-base.ts'
import type { FreeOf } from '../../../../engines/parts/image/require-room.ts'
import { imageOf, rawTar } from '../../../helpers/images.ts'
import { tempFolder } from '../../../helpers/temp.ts'
import { type Answer, type Asked, type KeptBlobs, type Played, play, registryOf } from '../registry/played-registry.ts'

let server: Played
afterEach(() => server.close())

/** Fetches an image from a registry that answers `otherwise` where that says something; gives the store too. */
async function pull(
  layout: Layout,
  otherwise: (asked: Asked, kept: KeptBlobs) => Answer | undefined = () => undefined,
  change: (manifest: Manifest) => unknown = (manifest) => manifest,
  freeOf?: FreeOf,
) {
  const kept: KeptBlobs = { blobs: new Map(), manifests: new Map(), uploads: new Map() }
  for (const { digest, path } of layout.blobs) kept.blobs.set(digest, await readFile(path))
  const manifest = JSON.stringify(change(JSON.parse(layout.manifest.bytes.toString('utf8'))))
  kept.manifests.set(sha256(manifest), Buffer.from(manifest))
  server = await play((asked) => otherwise(asked, kept) ?? registryOf(kept, asked))
  const host = new URL(server.base).host
  const store = await tempFolder('store')
  const dockerConfig = join(store, 'config.json')
  await writeFile(dockerConfig, JSON.stringify({ auths: { [host]: {} } }))
  const pulled = pullBase({
    ...{ reference: `${host}/base@${sha256(manifest)}`, architecture: 'amd64', store, dockerConfig },
    ...{ signal: new AbortController().signal, log: () => undefined },
    ...(freeOf === undefined ? {} : { freeOf }),
  })
  return { store, pulled }
}

function image(): Promise<Layout> {
  return imageOf([rawTar([{ path: 'a', type: 'File', body: 'a'.repeat(5000) }])], { Cmd: ['/a'] })
}

const blobsAsked = () => server.asked.filter(({ url }) => url.includes('/blobs/')).length

describe('a base image that is fetched', () => {
  it('is fetched anew where the connection breaks in the middle, and given up when it does so again and again', async () => {
    const layout = await image()
    let cuts = 0
    const cut = (most: number) => (asked: Asked, kept: KeptBlobs) => {
      const answer = registryOf(kept, asked)
      if (answer === 'hang up' || !asked.url.includes(layout.layers[0]?.digest ?? '') || cuts === most) return undefined
      cuts += 1
      return { ...answer, cut: true }
    }
    const good = await pull(layout, cut(2))
    expect((await good.pulled).layers.map(({ digest }) => digest)).toEqual(layout.layers.map(({ digest }) => digest))
    await server.close()
    cuts = 0
    const bad = await pull(layout, cut(100))
    await expect(bad.pulled).rejects.toMatchObject({ code: 'source.unreachable' })
    expect(cuts).toBe(3)
    expect((await readdir(bad.store)).sort()).toEqual(['config.json', 'images'])
    expect(await readdir(join(bad.store, 'images'))).toEqual([])
  })

  it('is not begun where the disk has no room for it, unless bases that nobody used of late make it', async () => {
    const name = `${'a'.repeat(64)}-amd64`
    const other = (store: string) => join(store, 'images', name)
    const full = await pull(await image(), undefined, undefined, async (store) => {
      // One that was used just now.
      await mkdir(other(store), { recursive: true })
      return 1024 ** 3
    })
    await expect(full.pulled).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringMatching(/disk left/),
    })
    expect([blobsAsked(), await readdir(join(full.store, 'images'))]).toEqual([0, [name]])
    await server.close()
    let looks = 0
    const tidied = await pull(await image(), undefined, undefined, async (store) => {
      looks += 1
      if (looks > 1) return (await readdir(join(store, 'images'))).includes(name) ? 0 : 2 * 1024 ** 3
      await mkdir(other(store), { recursive: true })
      await writeFile(join(other(store), 'index.json'), '{}')
      await utimes(other(store), 0, 0)
      return 0
    })
    expect((await tidied.pulled).layers).toHaveLength(1)
  })

  it.each<[string, (manifest: Manifest) => unknown, RegExp]>([
    [
      'has a layer that is longer than said',
      (manifest) => ({ ...manifest, layers: manifest.layers.map((layer) => ({ ...layer, size: layer.size - 1 })) }),
      /is longer than/,
    ],
    [
      'has a layer that is shorter than said',
      (manifest) => ({ ...manifest, layers: manifest.layers.map((layer) => ({ ...layer, size: layer.size + 1 })) }),
      /and the manifest says/,
    ],
    [
      'has more layers than its configuration names',
      (manifest) => ({ ...manifest, layers: [...manifest.layers, ...manifest.layers] }),
      /has 2 layers, and its configuration names 1/,
    ],
    ['has a configuration that is none', (manifest) => ({ ...manifest, config: manifest.layers[0] }), /cannot be had/],
  ])('is refused when it %s, and not kept', async (_, change, message) => {
    const { pulled, store } = await pull(await image(), undefined, change)
    await expect(pulled).rejects.toMatchObject({ code: 'build.failed', message: expect.stringMatching(message) })
    expect(await readdir(join(store, 'images'))).toEqual([])
  })

  it.each<[string, (manifest: Manifest) => unknown, RegExp]>([
    [
      'is larger than two GiB',
      (manifest) => ({ ...manifest, layers: manifest.layers.map((layer) => ({ ...layer, size: 2 ** 31 })) }),
      /has 2048 MiB, at most 2048/,
    ],
    [
      'has layers of a kind that nobody knows',
      (manifest) => ({ ...manifest, layers: manifest.layers.map((layer) => ({ ...layer, mediaType: 'text/html' })) }),
      /one of its layers is text\/html/,
    ],
    ['is no image but something else that a registry keeps', () => ({ schemaVersion: 1, fsLayers: [] }), /is no image/],
  ])('is refused before anything of it is fetched when it %s', async (_, change, message) => {
    const { pulled } = await pull(await image(), undefined, change)
    await expect(pulled).rejects.toMatchObject({ code: 'build.failed', message: expect.stringMatching(message) })
    expect(blobsAsked()).toBe(0)
  })

  it('says what to do where it is not public, and where its registry does not answer', async () => {
    const closed = await pull(await image(), () => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="x"' },
    }))
    await expect(closed.pulled).rejects.toMatchObject({
      code: 'build.failed',
      hint: expect.stringMatching(/PIPI_DOCKER_CONFIG/),
    })
    await server.close()
    const refused = await pull(await image(), () => ({ status: 503, headers: { 'retry-after': '0' } }))
    await expect(refused.pulled).rejects.toMatchObject({ code: 'source.unreachable' })
  })
})
