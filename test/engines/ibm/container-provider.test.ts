import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { IbmCloud } from '../../../engines/ibm/provider/cloud.ts'
import { ibmProvider } from '../../../engines/ibm/provider/index.ts'
import type { ConfiguredProvider, Values } from '../../../stacks/contract/provider.ts'
import { Secret } from '../../../stacks/wire/values.ts'
import { imageOf, rawTar } from '../../helpers/images.ts'
import { play } from '../parts/registry/played-registry.ts'
import { useCloud } from '../use-cloud.ts'

const PROJECT = 'ibm:codeengine/project:Project'
const SECRET = 'ibm:codeengine/secret:Secret'
const APP = 'ibm:codeengine/app:App'
const NAMESPACE = 'ibm:registry/namespace:Namespace'
const IMAGE = 'ibm:registry/image:Image'
const SERVICE_ID = 'ibm:iam/serviceId:ServiceId'
const POLICY = 'ibm:iam/policy:Policy'
const KEY = 'ibm:iam/key:Key'

const cloud = useCloud('ibm')
let provider: ConfiguredProvider

beforeEach(async () => {
  const own = Object.fromEntries(cloud.engine.dna.credentials.map((one) => [one.config, one.sandbox]))
  provider = await ibmProvider(`${cloud.sandbox.ready.api}/api/ibm`).configure(own)
})

function strike(type: string, fault: Record<string, unknown>): Promise<unknown> {
  return cloud.sandbox.admin('POST', '/fault', { engine: 'ibm', type, operation: 'create', ...fault })
}

async function made(type: string, inputs: Values): Promise<{ id: string; outputs: Values }> {
  const checked = await provider.check(type, inputs, undefined, 'urn')
  expect(checked.failures).toEqual([])
  return provider.create(type, checked.inputs, `urn:pulumi:test::wire::${type}::one`, false)
}

async function standing(type: string): Promise<number> {
  return (await cloud.inventory()).filter((one) => one.type === type).length
}

/** An image that says a word, as it is pushed. */
async function imageSaying(word: string, namespace: string): Promise<Values> {
  const body = `require('node:http').createServer((_, response) => response.end('${word}')).listen(process.env.PORT)`
  const config = { Cmd: ['node', '/app/server.js'], WorkingDir: '/app' }
  const layout = await imageOf(
    [
      rawTar([
        { path: 'app/', type: 'Directory' },
        { path: 'app/server.js', type: 'File', body },
      ]),
    ],
    config,
  )
  return {
    repository: `us.icr.io/${namespace}/web`,
    digest: layout.manifest.digest.slice('sha256:'.length),
    bytes: layout.bytes,
    layout: layout.path,
  }
}

/** A namespace and a project with somebody's login for the first. */
async function room(name: string): Promise<{ project: string; puller: string }> {
  const namespace = await made(NAMESPACE, { registry: 'us.icr.io', name })
  expect(namespace.id).toBe(`us.icr.io/${name}`)
  const { id: project } = await made(PROJECT, { name, region: 'us-south' })
  const { outputs } = await made(SERVICE_ID, { name })
  const puller = String(outputs.iamId)
  const key = await made(KEY, { name, iamId: puller })
  const data = { server: 'private.us.icr.io', username: 'iamapikey', password: (key.outputs.apikey as Secret).value }
  await made(SECRET, { project, name: 'login', format: 'registry', data: new Secret(data) })
  return { project, puller }
}

function appOf(project: string, { repository, digest }: Values): Values {
  return {
    project,
    name: 'web',
    image_reference: `private.${repository}@sha256:${digest}`,
    image_secret: 'login',
    scale_cpu_limit: '0.125',
    scale_memory_limit: '0.25G',
  }
}

/** The provider of a platform whose first answer after a change of this is the last one before it; `told`: how often it was. */
async function behind(path: string): Promise<{ provider: ConfiguredProvider; told(): number }> {
  let [before, after] = ['', '']
  let told = 0
  const server = await play(async ({ method, url, headers: { host, connection, ...headers }, body }) => {
    const changes = method !== 'GET'
    const request = {
      method,
      headers: headers as Record<string, string>,
      ...(changes ? { body: new Uint8Array(body) } : {}),
    }
    const answer = await fetch(`${cloud.sandbox.ready.api}${url}`, request)
    const text = await answer.text()
    if (url.endsWith(path) && changes) after = before
    else if (url.endsWith(path)) before = text
    const late = after !== '' && !changes && url.endsWith(path)
    if (late) told += 1
    const given = { status: answer.status, headers: { 'content-type': 'application/json' }, body: late ? after : text }
    if (late) after = ''
    return given
  })
  onTestFinished(() => server.close())
  const own = Object.fromEntries(cloud.engine.dna.credentials.map((one) => [one.config, one.sandbox]))
  return { provider: await ibmProvider(`${server.base}/api/ibm`).configure(own), told: () => told }
}

describe('images and apps of the provider of IBM Cloud', () => {
  it('are made once each, whatever answer is lost after they were made', async () => {
    const all = [NAMESPACE, PROJECT, SERVICE_ID, KEY, SECRET, POLICY, IMAGE, APP]
    for (const type of all) await strike(type, { kind: 'error', moment: 'after' })
    const { project, puller } = await room('lost')
    await made(POLICY, { iamId: puller, role: 'Reader', registry: 'us.icr.io', namespace: 'lost' })
    const image = await imageSaying('found', 'lost')
    await made(IMAGE, image)
    const app = await made(APP, appOf(project, image))
    for (const type of all) expect(await standing(type), type).toBe(1)
    expect(await cloud.sandbox.admin('GET', '/fault')).toEqual({ faults: [] })
    expect(await (await fetch(String(app.outputs.url))).text()).toBe('found')
    // Whoever stops it takes its address away; it comes back to the same one.
    const inputs = appOf(project, image)
    const change = async (now: Values) => {
      const checked = await provider.check(APP, now, inputs, 'urn')
      return (await provider.update(APP, app.id, inputs, checked.inputs, 'urn', false)).outputs.url
    }
    expect(await change(cloud.engine.rules[APP]?.suspended?.(inputs) ?? {})).toBe('')
    expect((await fetch(String(app.outputs.url))).status).toBe(404)
    await strike(APP, { kind: 'error', moment: 'after', operation: 'update' })
    expect(await change(inputs)).toBe(app.outputs.url)
    expect((await fetch(String(app.outputs.url))).status).toBe(200)
    await provider.delete(APP, app.id, app.outputs, 'urn')
    await provider.delete(APP, app.id, app.outputs, 'urn')
    expect(await standing(APP)).toBe(0)
    // With a namespace go its images.
    await provider.delete(NAMESPACE, 'us.icr.io/lost', {}, 'urn')
    expect(await standing(IMAGE)).toBe(0)
    expect(await provider.read(NAMESPACE, 'us.icr.io/lost', 'urn', undefined)).toBeUndefined()
  })

  it('keep the revision before where the next one cannot be pulled, and say so', async () => {
    const { project, puller } = await room('kept')
    const image = await imageSaying('one', 'kept')
    await made(IMAGE, image)
    // Nobody let it in yet.
    await expect(made(APP, appOf(project, image))).rejects.toMatchObject({
      message: 'app web was not deployed: no_revision_ready',
      id: `${project}/web`,
    })
    await made(POLICY, { iamId: puller, role: 'Reader', registry: 'us.icr.io', namespace: 'kept' })
    const inputs = (await provider.check(APP, appOf(project, image), undefined, 'urn')).inputs
    const { outputs } = await provider.update(APP, `${project}/web`, inputs, inputs, 'urn', false)
    expect(await (await fetch(String(outputs.url))).text()).toBe('one')
    const missing = { ...inputs, image_reference: `private.us.icr.io/kept/web@sha256:${'0'.repeat(64)}` }
    await expect(provider.update(APP, `${project}/web`, inputs, missing, 'urn', false)).rejects.toThrow(
      'ready_but_latest_revision_failed',
    )
    expect(await (await fetch(String(outputs.url))).text()).toBe('one')
    // What a refresh sees is what runs.
    const read = await provider.read(APP, `${project}/web`, 'urn', inputs)
    expect(read?.inputs).toEqual(missing)
    // The failure of the one before is not that of the next, which the platform has not begun when it is first asked.
    const slow = await behind(`/apps/web`)
    const mended = { ...inputs, scale_concurrency: 50 }
    const { outputs: now } = await slow.provider.update(APP, `${project}/web`, missing, mended, 'urn', false)
    expect(await (await fetch(String(now.url))).text()).toBe('one')
    expect(slow.told()).toBe(1)
  })

  it('are refused by a registry that is full, whose limits are set right where somebody widened them', async () => {
    await made(NAMESPACE, { registry: 'de.icr.io', name: 'taken' })
    await cloud.sandbox.admin('POST', '/stray', {
      engine: 'ibm',
      type: IMAGE,
      set: { repository: 'de.icr.io/taken/large', digest: '1'.repeat(64), bytes: 500_000_000 },
    })
    const image = { ...(await imageSaying('more', 'taken')), repository: 'de.icr.io/taken/web' }
    await expect(made(IMAGE, image)).rejects.toThrow('exceeded your storage quota')
    // Removed it is no longer counted, and another one has room.
    await provider.delete(IMAGE, `de.icr.io/taken/large@sha256:${'1'.repeat(64)}`, {}, 'urn')
    const { id } = await made(IMAGE, image)
    const read = await provider.read(IMAGE, id, 'urn', image)
    expect(read?.inputs).toEqual(image)
    // Somebody has widened it meanwhile: that shows, and is set right.
    const known = { registry: 'de.icr.io', name: 'taken', storageMb: 400, trafficMb: 5000 }
    const seen = await provider.read(NAMESPACE, 'de.icr.io/taken', 'urn', known)
    expect(seen?.inputs).toEqual({ ...known, storageMb: 500 })
    await provider.update(NAMESPACE, 'de.icr.io/taken', seen?.inputs ?? {}, known, 'urn', false)
    expect((await provider.read(NAMESPACE, 'de.icr.io/taken', 'urn', known))?.inputs).toEqual(known)
  })

  it('have no namespace in a registry whose owner took the plan that charges', async () => {
    const [apikey = '', resourceGroup = ''] = cloud.engine.dna.credentials.map(({ sandbox }) => sandbox)
    const base = `${cloud.sandbox.ready.api}/api/ibm`
    const owner = IbmCloud.open({ apikey, resourceGroup, base }, new AbortController().signal)
    const url = 'https://br.icr.io/api/v1/plans'
    const headers = { account: await owner.account() }
    await owner.ask({ method: 'PATCH', url, headers, body: { plan: 'Standard' } })
    const before = await standing(NAMESPACE)
    await expect(made(NAMESPACE, { registry: 'br.icr.io', name: 'costly' })).rejects.toThrow(
      'is on the plan "Standard"',
    )
    expect(await standing(NAMESPACE)).toBe(before)
  })
})
