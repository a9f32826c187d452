import { createHash } from 'node:crypto'
import { registerResourceTransform } from '@pulumi/pulumi/runtime/index.js'
import { describe, expect, it } from 'vitest'
import { packComponent } from '../../../engines/parts/pack-component.ts'
import { keepBase, plainBase } from '../../helpers/base-image.ts'
import { busyboxBase } from '../../helpers/images.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { bothDemands, readingOf, watching } from '../look.ts'
import { built, component, type Deployable, slugOf, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ggc')
const artifacts = await tempFolder('artifacts')
const busybox = await busyboxBase()
const SERVICE = 'gcp:cloudrunv2/service:Service'
/** Says whether it may write into a bucket of this name, as the metadata server says who it is. */
const SERVER = `
import { createServer } from 'node:http'
createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://here')
  const inside = process.env.STORAGE_EMULATOR_HOST + '/upload/storage/v1/b' + pathname + '/o?uploadType=media&name=note'
  if (pathname !== '/') response.statusCode = (await fetch(inside, { method: 'POST', body: 'kept' })).status
  response.end(JSON.stringify({ greeting: process.env.GREETING, cwd: process.cwd().split('/').at(-1) }))
}).listen(process.env.PORT)`

async function contained(name: string, given: Record<string, unknown> = {}): Promise<Deployable> {
  const base = given.base ?? (await keepBase(artifacts, await plainBase()))
  const of = component({ name, kind: 'container', command: ['node', 'server.mjs'], ...given, base })
  const files = await built({ 'server.mjs': SERVER })
  return { component: of, artifact: await packComponent(cloud.engine, files, of, await tempFolder('p'), { artifacts }) }
}

describe('a container at the simulated Google Cloud', () => {
  it('may reach what it uses and nothing beside it, and nobody else does by it', async () => {
    const store = { component: component({ name: 'files', kind: 'store' }), artifact: { travels: 'nothing' as const } }
    const { stack } = await cloud.open([
      store,
      await contained('keeper', { uses: ['files'], env: { GREETING: 'hello' } }),
      await contained('other'),
    ])
    const { outputs } = await stack.up()
    const bucket = String(outputs.files?.value.url).replace('gs://', '')
    const keeper = String(outputs.keeper?.value.url)
    const answer = await fetch(keeper)
    expect([answer.status, await answer.json()]).toEqual([200, { greeting: 'hello', cwd: 'app' }])
    expect((await fetch(new URL(bucket, keeper))).status).toBe(200)
    expect((await fetch(new URL(bucket, String(outputs.other?.value.url)))).status).toBe(403)
  })

  it('is found by the look-up key of each type and adopted whole by import, when its state was lost', async () => {
    const parts = [await contained('web')]
    const first = await cloud.open(parts)
    await first.stack.up()
    const before = await cloud.inventory()
    const reader = cloud.reader()
    try {
      for (const { type, id, inputs } of before) {
        const rule = cloud.engine.rules[type]
        const lookup = rule?.lookup(inputs) ?? {}
        expect(JSON.stringify(lookup), type).not.toContain('null')
        // Untagged types are ours by their names; tagged ones must carry the workspace's id.
        const expected = rule?.tagProperty === null ? id : undefined
        expect(await rule?.find(lookup, reader, 'w-of-somebody-else'), type).toBe(expected)
      }
    } finally {
      reader.close()
    }
    await cloud.forget(first)
    const { stack } = await cloud.open(parts, before)
    expect((await stack.up()).summary.resourceChanges?.import).toBe(before.length)
    const ids = (resources: typeof before) => resources.map((one) => `${one.type} ${one.id}`).sort()
    expect(ids(await cloud.inventory())).toEqual(ids(before))
  })

  it('is surveyed with the very demand that it was granted, and read apart from functions', async () => {
    const { component: of, artifact } = await contained('seen', { memoryMb: 512, env: { GREETING: 'canary-env' } })
    const { stack } = await cloud.run(() => {
      // The guard's label: images are looked for in repositories that carry it.
      registerResourceTransform(async ({ type, props, opts }) => ({
        props: /:(Repository|Service)$/.test(type) ? { ...props, labels: { 'pipi-workspace': 'w1' } } : props,
        opts,
      }))
      const context = { workspace: { id: 'w1', name: 'demo' }, component: of, artifact, region: 'us-central1' }
      const declared = cloud.engine.programs.container?.declare({
        ...context,
        ...{ slug: slugOf(of), environment: { GREETING: 'canary-env' }, uses: {} },
      } as never)
      return { seen: declared }
    })
    const { outputs } = await stack.up()
    expect((await fetch(String(outputs.seen?.value.url))).status).toBe(200)

    const ours = (await cloud.inventory()).filter((one) => one.urn !== '')
    const both = await bothDemands(cloud, ours)
    expect(both.map(({ id }) => ours.find((one) => one.id === id)?.type).sort()).toEqual([
      'gcp-own:registry:Image',
      SERVICE,
    ])
    for (const { id, own, found } of both) expect(found, id).toEqual(own)
    const context = await watching(cloud)
    const found = (await cloud.engine.watch.survey?.(context)) ?? []
    for (const type of ['gcp:artifactregistry/repository:Repository', 'gcp-own:registry:Image', SERVICE])
      expect(
        found.filter((one) => one.type === type).map(({ owner }) => owner),
        type,
      ).toEqual([{ workspace: 'w1' }])
    expect(JSON.stringify(found)).not.toContain('canary-env')
    const types = new Set(await cloud.engine.watch.surveyed?.())
    expect(found.filter((one) => !types.has(one.type))).toEqual([])

    const { readings } = (await cloud.engine.watch.usage?.(context)) ?? { readings: [] }
    const service = ours.find(({ type }) => type === SERVICE)?.id
    expect(readingOf(readings, 'gcp-cloud-run.requests')?.byResource).toEqual([{ id: service, amount: 1 }])
    // A third of a CPU goes with half a gibibyte.
    const [cpu, memory] = ['cpu', 'memory'].map((name) => readingOf(readings, `gcp-cloud-run.${name}`)?.total ?? 0)
    expect((cpu ?? 0) / (memory ?? 1)).toBeCloseTo(0.34 / 0.5, 6)
    expect(readingOf(readings, 'gcp-functions.cpu')?.byResource).toBeUndefined()
    expect(readingOf(readings, 'gcp-artifact-registry.storage')?.total).toBeGreaterThan(0)

    // Stopped, it answers nobody and keeps its address.
    const { inputs = {} } = ours.find(({ type }) => type === SERVICE) ?? {}
    expect(cloud.engine.rules[SERVICE]?.suspended?.(inputs)).toMatchObject({ ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY' })
  })

  it.skipIf('missing' in busybox)(
    'with programs of its own has the image as its root, and is nobody there',
    async () => {
      if ('missing' in busybox) throw new Error(busybox.missing)
      const script =
        'mkdir /tmp/www && { id -u; pwd; echo /*; } >/tmp/www/index.html && exec httpd -f -p $PORT -h /tmp/www'
      const command = ['sh', '-c', script]
      const base = await keepBase(artifacts, busybox)
      const { stack } = await cloud.open([await contained('busy', { base, command, health: '/index.html' })])
      const { outputs } = await stack.up()
      const answer = await fetch(new URL('index.html', String(outputs.busy?.value.url)))
      expect((await answer.text()).trim().split('\n')).toEqual(['65532', '/app', '/app /bin /dev /etc /proc /tmp'])
    },
  )

  it('lies in a registry that takes whole blobs only, from who shows the project’s key', async () => {
    const { stack } = await cloud.open([await contained('kept')])
    await stack.up()
    const [image] = (await cloud.inventory()).filter(({ type }) => type === 'gcp-own:registry:Image')
    const [place = '', digest = ''] = (image?.id ?? '').split('@')
    const host = place.split('/')[0] ?? ''
    const at = (path: string) => `${cloud.sandbox.ready.api}/api/ggc/_/${host}${path}`
    const name = place.slice(host.length + 1)

    const asked = await fetch(at(`/v2/${name}/manifests/${digest}`))
    expect(asked.status).toBe(401)
    const [, realm = ''] =
      /^Bearer realm="([^"]+)",service="[^"]+",scope="[^"]+"$/.exec(asked.headers.get('www-authenticate') ?? '') ?? []
    const key = cloud.engine.dna.credentials.find(({ config }) => config === 'credentials')?.sandbox
    const basic = (user: string, password = '') => ({
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    })
    expect((await fetch(realm, { headers: basic('_json_key', '{"client_email":"x"}') })).status).toBe(401)
    const { token } = (await (await fetch(realm, { headers: basic('_json_key', key) })).json()) as { token: string }
    const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
      fetch(path.startsWith('http') ? path : at(path), {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        ...(body === undefined ? {} : { body }),
      })
    expect((await call('HEAD', `/v2/${name}/manifests/${digest}`)).headers.get('docker-content-digest')).toBe(digest)
    expect((await call('GET', `/v2/pipi-sandbox-412907/nowhere/app/manifests/${digest}`)).status).toBe(404)

    const [text, hash] = ['a layer', createHash('sha256').update('a layer').digest('hex')]
    const begin = async () => (await call('POST', `/v2/${name}/blobs/uploads/`)).headers.get('location') ?? ''
    const piece = { 'content-range': '0-3', 'content-type': 'application/octet-stream' }
    expect((await call('PATCH', await begin(), 'a la', piece)).status).toBe(405)
    expect((await call('PUT', `${await begin()}?digest=sha256:${'0'.repeat(64)}`, text)).status).toBe(400)
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: 'application/json', digest: `sha256:${hash}`, size: text.length },
      layers: [],
    })
    expect((await call('PUT', `/v2/${name}/manifests/second`, manifest)).status).toBe(400)
    expect((await call('PUT', `${await begin()}?digest=sha256:${hash}`, text)).status).toBe(201)
    expect((await call('PUT', `/v2/${name}/manifests/second`, manifest)).status).toBe(201)

    // With the image goes what only it had.
    const second = `sha256:${createHash('sha256').update(manifest).digest('hex')}`
    expect((await call('DELETE', `/v2/${name}/manifests/${second}`)).status).toBe(202)
    expect((await call('HEAD', `/v2/${name}/blobs/sha256:${hash}`)).status).toBe(404)
    expect((await call('HEAD', `/v2/${name}/manifests/${digest}`)).status).toBe(200)
    // What runs as a service account of a component's own has no business there.
    const { email } = (await cloud.inventory()).find(({ type }) => type.endsWith(':Account'))?.outputs ?? {}
    const inside = `Bearer ya29.inside.${Buffer.from(String(email)).toString('base64url')}`
    expect((await call('GET', `/v2/${name}/manifests/${digest}`, undefined, { authorization: inside })).status).toBe(
      403,
    )
  })
})
