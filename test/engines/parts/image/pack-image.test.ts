import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tidyArtifacts } from '../../../../engines/parts/build/tidy-artifacts.ts'
import { type Layout, openLayout, sha256 } from '../../../../engines/parts/image/layout.ts'
import { MEDIA } from '../../../../engines/parts/image/oci.ts'
import { packImage } from '../../../../engines/parts/image/pack-image.ts'
import { readTar } from '../../../../engines/parts/image/read-tar.ts'
import { unpackImage } from '../../../../engines/parts/image/unpack.ts'
import { openRegistry } from '../../../../engines/parts/registry/client.ts'
import { builtOf, busyboxBase, imageOf, pushImage, rawTar } from '../../../helpers/images.ts'
import { startRegistry, type TestRegistry } from '../../../helpers/registry.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const started = await startRegistry()
const why = 'missing' in started ? ` (skipped: ${started.missing})` : ''
const signal = new AbortController().signal
const FILES = { 'server.js': 'serve()', 'public/index.html': '<p>hello', 'public/a/b.txt': 'b' }

interface Wanted {
  base: string
  files?: Record<string, string>
  command?: string[]
  artifacts?: string
  dockerConfig?: string | undefined
  log?: (line: string) => void
}

describe.skipIf('missing' in started)(`the image of a container${why}`, () => {
  const registry = started as TestRegistry
  let base: string
  let baseLayout: Layout
  let artifacts: string
  beforeAll(async () => {
    artifacts = await tempFolder('artifacts')
    const config = { Env: ['LANG=C'], Entrypoint: ['/entry'], Cmd: ['argument'], ExposedPorts: { '80/tcp': {} } }
    baseLayout = await imageOf([rawTar([{ path: 'etc/base', type: 'File', body: 'base' }])], config)
    base = await pushImage(registry.host, 'base/plain', baseLayout)
  })
  afterAll(() => registry.close())

  async function pack({ base, files = FILES, command = [], log, ...given }: Wanted, architecture?: 'arm64') {
    const packing = {
      artifacts: given.artifacts ?? artifacts,
      signal,
      ...('dockerConfig' in given
        ? { dockerConfig: given.dockerConfig as string }
        : { dockerConfig: registry.dockerConfig }),
      ...(log === undefined ? {} : { log }),
    }
    return packImage(
      await builtOf(files),
      { name: 'app', base, command },
      await tempFolder('packed'),
      packing,
      architecture,
    )
  }

  /** Puts bytes into the registry under their digest: a manifest as somebody else wrote it. */
  async function put(name: string, mediaType: string, content: unknown): Promise<string> {
    const bytes = JSON.stringify(content)
    const address = `${registry.base}/v2/${name}/manifests/${sha256(bytes)}`
    const answer = await fetch(address, { method: 'PUT', headers: { 'content-type': mediaType }, body: bytes })
    expect([answer.status, await answer.text()]).toEqual([201, ''])
    return `${registry.host}/${name}@${sha256(bytes)}`
  }

  it('is its base and one layer with what was built, run in /app by nobody in particular', async () => {
    const artifact = await pack({ base, command: ['node', 'server.js'] })
    const layout = await openLayout(artifact.path)
    expect(artifact).toEqual({
      ...{ travels: 'image', path: layout.path, digest: layout.manifest.digest.slice(7) },
      bytes: layout.manifest.bytes.length + layout.blobs.reduce((sum, { size }) => sum + size, 0),
    })
    expect(layout.layers.map(({ digest }) => digest).slice(0, -1)).toEqual(
      baseLayout.layers.map(({ digest }) => digest),
    )
    expect(layout.config).toMatchObject({
      ...{ architecture: 'amd64', os: 'linux', created: '1970-01-01T00:00:00Z' },
      config: {
        ...{ Env: ['LANG=C'], Cmd: ['node', 'server.js'], WorkingDir: '/app', User: '65532' },
        ExposedPorts: { '80/tcp': {} },
      },
    })
    expect(layout.config.config?.Entrypoint).toBeUndefined()
    const tar = gunzipSync(await readFile(layout.layers.at(-1)?.path ?? ''))
    const entries = []
    for await (const { path, mode, type } of readTar(Readable.from([tar]))) entries.push([path, type, mode.toString(8)])
    expect(entries).toEqual([
      ['app/', 'folder', '755'],
      ['app/public/', 'folder', '755'],
      ['app/public/a/', 'folder', '755'],
      ['app/public/a/b.txt', 'file', '644'],
      ['app/public/index.html', 'file', '644'],
      ['app/server.js', 'file', '644'],
    ])
    const rootfs = join(await tempFolder('run'), 'rootfs')
    const { config } = await unpackImage(artifact.path, rootfs, { signal })
    expect(config).toEqual({
      entrypoint: [],
      cmd: ['node', 'server.js'],
      env: ['LANG=C'],
      workingDir: '/app',
      user: '65532',
    })
    expect(await readFile(join(rootfs, 'etc/base'), 'utf8')).toBe('base')
    expect(await readFile(join(rootfs, 'app/public/index.html'), 'utf8')).toBe('<p>hello')
  })

  it('is started as its base says where the manifest says nothing, and refused where neither does', async () => {
    const { config } = await openLayout((await pack({ base })).path)
    expect(config.config).toMatchObject({ Entrypoint: ['/entry'], Cmd: ['argument'] })
    const silent = await pushImage(registry.host, 'base/silent', await imageOf([rawTar([])], { User: 'www' }))
    await expect(pack({ base: silent })).rejects.toMatchObject({
      code: 'build.failed',
      hint: expect.stringMatching(/command/),
    })
    const run = await openLayout((await pack({ base: silent, command: ['/app/run'] })).path)
    expect(run.config.config?.User).toBe('www')
  })

  it('is the same image for the same input, whoever makes it and when, and another one for any other', async () => {
    const first = await pack({ base })
    expect((await pack({ base, artifacts: await tempFolder('elsewhere') })).digest).toBe(first.digest)
    const built = await builtOf(FILES)
    await utimes(join(built.path, 'server.js'), 1, 1)
    await chmod(join(built.path, 'server.js'), 0o600)
    const again = await packImage(built, { name: 'other', base, command: [] }, await tempFolder('packed'), {
      artifacts,
    })
    expect(again.digest).toBe(first.digest)
    await chmod(join(built.path, 'server.js'), 0o700)
    const others = [
      await packImage(built, { name: 'app', base, command: [] }, await tempFolder('packed'), { artifacts }),
      await pack({ base, command: ['x'] }),
      await pack({ base, files: { ...FILES, 'server.js': 'serve(1)' } }),
      await pack({ base, files: { ...FILES, 'more.js': '' } }),
    ]
    expect(new Set([first, ...others].map(({ digest }) => digest)).size).toBe(5)
  })

  it('fetches its base once, also by two at the same time, and again when what is kept is broken', async () => {
    const fresh = await tempFolder('fresh')
    const log: string[] = []
    const asks = async (work: () => Promise<unknown>) => {
      const before = (await registry.asked()).length
      await work()
      return (await registry.asked())
        .slice(before)
        .filter((line) => line.startsWith('GET') && line.includes('base/plain')).length
    }
    const packs = () => pack({ base, artifacts: fresh, log: (line) => log.push(line) })
    expect(await asks(() => Promise.all([packs(), packs()]))).toBe(1 + baseLayout.blobs.length)
    expect(await asks(packs)).toBe(0)
    expect(log.filter((line) => /is at hand/.test(line))).toHaveLength(2)
    const kept = join(fresh, 'images', (await readdir(join(fresh, 'images')))[0] ?? '')
    const { layers } = await openLayout(kept)
    await chmod(layers[0]?.path ?? '', 0o644)
    await writeFile(layers[0]?.path ?? '', 'x'.repeat(layers[0]?.size ?? 0))
    expect(await asks(packs)).toBeGreaterThan(0)
    await packs()
    expect((await readdir(fresh)).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('takes linux/amd64 of an index of several platforms, or what it is asked for, and Docker’s own forms', async () => {
    const arm = await imageOf([rawTar([{ path: 'arm', type: 'File', body: 'arm' }])], { Cmd: ['/arm'] }, 'arm64')
    const client = openRegistry({ base: registry.base })
    for (const layout of [arm, baseLayout]) await client.push('base/many', layout)
    const { config, layers } = JSON.parse(baseLayout.manifest.bytes.toString('utf8'))
    const docker = await put('base/many', MEDIA.dockerManifest, {
      ...{ schemaVersion: 2, mediaType: MEDIA.dockerManifest },
      config: { ...config, mediaType: 'application/vnd.docker.container.image.v1+json' },
      layers: layers.map((layer: object) => ({ ...layer, mediaType: MEDIA.dockerGzip })),
    })
    const named = (digest: string, size: number, platform: object) => ({
      mediaType: MEDIA.manifest,
      digest,
      size,
      platform,
    })
    const dockerDigest = docker.split('@')[1] ?? ''
    const size = (await client.manifest('base/many', dockerDigest))?.bytes.length ?? 0
    const index = await put('base/many', MEDIA.dockerIndex, {
      ...{ schemaVersion: 2, mediaType: MEDIA.dockerIndex },
      manifests: [
        named(arm.manifest.digest, arm.manifest.bytes.length, { os: 'linux', architecture: 'arm64', variant: 'v8' }),
        { ...named(dockerDigest, size, { os: 'linux', architecture: 'amd64' }), mediaType: MEDIA.dockerManifest },
      ],
    })
    const layout = await openLayout((await pack({ base: index })).path)
    expect(layout.layers.map(({ mediaType }) => mediaType)).toEqual([MEDIA.gzip, MEDIA.gzip])
    expect(layout.layers[0]?.digest).toBe(baseLayout.layers[0]?.digest)
    const other = await openLayout((await pack({ base: index }, 'arm64')).path)
    expect(other.layers[0]?.digest).toBe(arm.layers[0]?.digest)
    const armOnly = `${registry.host}/base/many@${arm.manifest.digest}`
    await expect(pack({ base: armOnly })).rejects.toThrow(/made for linux\/arm64, expected linux\/amd64/)
    // What was made is an image like any other: it can be a base itself.
    await client.push('base/made', layout)
    const upon = await pack({ base: `${registry.host}/base/made@${layout.manifest.digest}` })
    expect((await openLayout(upon.path)).layers).toHaveLength(3)
  })

  it.each<[string, string, RegExp]>([
    ['is not there', `@sha256:${'0'.repeat(64)}`, /there is no sha256:0+ in base\/plain/],
    ['has a digest of something else', '', /cannot be had/],
  ])('is not made of a base that %s', async (_, digest, message) => {
    const name =
      digest === ''
        ? await put('base/plain', MEDIA.index, { schemaVersion: 2, mediaType: MEDIA.index, manifests: [] })
        : `${registry.host}/base/plain${digest}`
    await expect(pack({ base: name })).rejects.toMatchObject({
      code: 'build.failed',
      message: expect.stringMatching(message),
    })
  })

  it('asks no registry of a private network or this machine, unless the owner has named it', async () => {
    const fresh = await tempFolder('fresh')
    const before = (await registry.asked()).length
    await expect(pack({ base, artifacts: fresh, dockerConfig: undefined })).rejects.toMatchObject({
      code: 'source.unreachable',
    })
    expect(await registry.asked()).toHaveLength(before)
    await pack({ base, artifacts: fresh })
  })

  it('keeps bases and layouts within the bounds of the store, and those in use whatever the bounds', async () => {
    const store = await tempFolder('store')
    const spare = await pushImage(registry.host, 'base/spare', await imageOf([rawTar([])], { Cmd: ['/spare'] }))
    for (const one of [base, spare]) await pack({ base: one, artifacts: store })
    const [used, unused] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string]
    for (const digest of [used, unused]) await mkdir(join(store, 'packed', digest, 'blobs'), { recursive: true })
    await mkdir(join(store, 'live'))
    const live = [{ component: { base }, artifact: { travels: 'image', digest: used } }]
    await writeFile(join(store, 'live/workspace.json'), JSON.stringify(live))
    const bounds = { bytes: 0, restMs: 3_600_000, forgetMs: 1e12 }
    const images = async () => (await readdir(join(store, 'images'))).sort()
    await tidyArtifacts(store, bounds)
    expect(await images()).toHaveLength(2)
    const longAgo = new Date(Date.now() - 86_400_000)
    for (const name of await images()) await utimes(join(store, 'images', name), longAgo, longAgo)
    for (const name of [used, unused]) await utimes(join(store, 'packed', name), longAgo, longAgo)
    await tidyArtifacts(store, bounds)
    expect(await images()).toEqual([`${base.split(':').at(-1)}-amd64`])
    expect(await readdir(join(store, 'packed'))).toEqual([used])
  })

  it('is unpacked and run: a program of its base with what was built, from the registry and back', async ({ skip }) => {
    const busybox = await busyboxBase()
    if ('missing' in busybox) return skip(busybox.missing)
    const named = await pushImage(registry.host, 'base/busybox', busybox)
    const command = ['sh', '-c', 'echo "$GREETING $(cat words.txt), from $(/bin/busybox pwd)"']
    const made = await pack({ base: named, command, files: { 'words.txt': 'world' } })
    const client = openRegistry({ base: registry.base })
    await client.push('team/run', await openLayout(made.path))
    // Somebody else takes it as a base: so it is fetched again, whole.
    const fetched = await pack({ base: `${registry.host}/team/run@sha256:${made.digest}`, files: { more: '' } })
    const rootfs = join(await tempFolder('run'), 'rootfs')
    const { config } = await unpackImage(fetched.path, rootfs, { signal })
    const inside = ['--root', rootfs, '--wd', config.workingDir, ...config.entrypoint, ...config.cmd]
    const mapped = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
    const env = { PATH: '/bin:/usr/bin:/usr/sbin', GREETING: 'hello' }
    const ran = await promisify(execFile)('unshare', [...mapped, ...inside], { env }).catch((error: Error) => error)
    if (ran instanceof Error && /unshare/.test(ran.message) && /not permitted/i.test(ran.message))
      return skip(`a root of one's own is not allowed here: ${ran.message}`)
    expect(ran).toMatchObject({ stdout: 'hello world, from /app\n' })
    expect((await stat(join(rootfs, 'bin/busybox'))).mode & 0o100).toBe(0o100)
  })
})
