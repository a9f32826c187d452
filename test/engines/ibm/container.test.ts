import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packComponent } from '../../../engines/parts/pack-component.ts'
import { openRegistry } from '../../../engines/parts/registry/client.ts'
import { imageOf, pushImage, rawTar } from '../../helpers/images.ts'
import { startRegistry, type TestRegistry } from '../../helpers/registry.ts'
import { tempFolder } from '../../helpers/temp.ts'
import type { AttachedStack } from '../../stacks/provider/attached-stack.ts'
import { bothDemands, readingOf, watching } from '../look.ts'
import { built, component, type Deployable, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ibm')
const registry: TestRegistry | { missing: string } = await startRegistry()
const there = 'missing' in registry ? undefined : registry
let base = ''

beforeAll(async () => {
  if (there === undefined) return
  // Nothing in it: what it runs with is the Node of this machine.
  base = await pushImage(there.host, 'bases/nothing', await imageOf([rawTar([{ path: 'tmp/', type: 'Directory' }])]))
})
afterAll(() => there?.close())

function saying(word: string): Record<string, string> {
  return {
    'package.json': '{"type":"module"}',
    'server.js': `import { createServer } from 'node:http'
      const { GREETING: greeting, CE_APP: app } = process.env
      createServer((_request, response) => response.end(JSON.stringify({ word: '${word}', greeting, app })))
        .listen(process.env.PORT)`,
  }
}

/** Keeps what is sent as a document, and gives it back; with the platform's own addresses, as it would at the real one. */
const NOTES = {
  'package.json': '{"type":"module"}',
  'server.js': `import { createServer } from 'node:http'
    const token = async () => (await (await fetch('https://iam.cloud.ibm.com/identity/token', { method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(
        { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: process.env.NOTES_APIKEY }) })).json()).access_token
    createServer(async (request, response) => {
      if (request.url === '/well') return response.end()
      let body = ''
      for await (const part of request) body += part
      const headers = { authorization: 'Bearer ' + (await token()), 'content-type': 'application/json' }
      const kept = await fetch(process.env.NOTES_URL + request.url, { headers, ...(body === '' ? {} : { method: 'PUT', body }) })
      response.writeHead(kept.status).end(await kept.text())
    }).listen(process.env.PORT)`,
}

async function container(word: string, greeting: string): Promise<Deployable> {
  return contained(saying(word), { env: { GREETING: greeting } })
}

async function contained(files: Record<string, string>, given: Record<string, unknown>): Promise<Deployable> {
  const web = component({
    kind: 'container',
    name: 'web',
    base,
    command: ['node', 'server.js'],
    health: '/well',
    expect: { requests: 1000 },
    ...given,
  })
  const packing = { artifacts: await tempFolder('artifacts'), dockerConfig: there?.dockerConfig ?? '' }
  const artifact = await packComponent(cloud.engine, await built(files), web, await tempFolder('packed'), packing)
  return { component: web, artifact }
}

async function up({ stack }: AttachedStack, options = {}) {
  const { outputs, summary } = await stack.up(options)
  return { url: String(outputs.web?.value.url), changes: summary.resourceChanges ?? {} }
}

async function standing(): Promise<Record<string, number>> {
  const types = (await cloud.inventory()).map(({ type }) => type.split(':').at(-1) ?? '')
  return Object.fromEntries(
    [...new Set(types)].sort().map((type) => [type, types.filter((one) => one === type).length]),
  )
}

const ALL = { App: 1, Image: 1, Key: 1, Namespace: 1, Policy: 1, Project: 1, Secret: 2, ServiceId: 1 }

describe.skipIf(there === undefined)('a container on IBM Cloud', () => {
  it('runs what was pushed, is another image after a change without the one before, and leaves nothing', async () => {
    const parts = [await container('one', 'hello')]
    const stack = await cloud.open(parts)
    const { url } = await up(stack)
    expect(await (await fetch(`${url}any`)).json()).toEqual({ word: 'one', greeting: 'hello', app: 'demo-web-a1b2c3' })
    expect(await standing()).toEqual(ALL)
    // The same again, whatever the platform says of what it made.
    expect((await up(stack, { refresh: true })).changes).toEqual({ same: 10 })

    const inventory = await cloud.inventory()
    for (const { id, own, found } of await bothDemands(cloud, inventory)) expect(found, id).toEqual(own)
    await expectFound(inventory)
    await expectWalls(inventory)
    const { readings, charged } = (await cloud.engine.watch.usage?.(await watching(cloud))) ?? { readings: [] }
    expect(readingOf(readings, 'ibm-registry-free.pull-traffic')?.total).toBe(0)
    expect(charged?.usd).toBe(0)

    const next = await container('two', 'good day')
    parts.splice(0, 1, next)
    const second = await up(stack)
    expect(second.url).toBe(url)
    expect(second.changes).toMatchObject({ replace: 1, update: 2 })
    expect(await (await fetch(url)).json()).toMatchObject({ word: 'two', greeting: 'good day' })
    const images = (await cloud.inventory()).filter(({ type }) => type.endsWith(':Image'))
    expect(images.map(({ inputs }) => inputs.digest)).toEqual([
      next.artifact.travels === 'image' ? next.artifact.digest : '',
    ])
    expect(await standing()).toEqual(ALL)

    expect(await cloud.billed()).toBe(0)
    await stack.stack.destroy()
    expect(await cloud.inventory()).toEqual([])
  })

  it('writes documents of a database that it uses, and reads them', async () => {
    const notes = {
      component: component({ kind: 'database', name: 'notes', model: 'document' }),
      artifact: { travels: 'nothing' as const },
    }
    const stack = await cloud.open([notes, await contained(NOTES, { uses: ['notes'] })])
    const { url } = await up(stack)
    const sent = await fetch(`${url}one`, { method: 'POST', body: '{"text":"kept"}' })
    expect([sent.status, await sent.json()]).toEqual([201, { ok: true, id: 'one', rev: expect.any(String) }])
    expect(await (await fetch(`${url}one`)).json()).toMatchObject({ _id: 'one', text: 'kept' })
    expect((await fetch(`${url}two`)).status).toBe(404)
  })
})

/** What a crash left is found by what its inputs said, before anybody knew an id. */
async function expectFound(inventory: Awaited<ReturnType<typeof cloud.inventory>>): Promise<void> {
  const reader = cloud.reader()
  for (const { type, id, inputs } of inventory) {
    const rule = cloud.engine.rules[type]
    expect(await rule?.find(rule.lookup(inputs), reader, 'w1'), type).toBe(id)
  }
  reader.close()
}

/** Who pulls may read and no more, nobody reads without a proof, and the registry stops by itself. */
async function expectWalls(inventory: Awaited<ReturnType<typeof cloud.inventory>>): Promise<void> {
  const one = (type: string) => inventory.find((each) => each.type.endsWith(`:${type}`))
  const [apikey = ''] = cloud.engine.dna.credentials.map(({ sandbox }) => sandbox)
  expect(String(one('Key')?.outputs.apikey).length).toBe(45)
  expect(one('Key')?.outputs.apikey).not.toBe(apikey)
  expect(one('Policy')?.inputs).toMatchObject({ role: 'Reader', registry: 'us.icr.io' })
  const { repository, digest } = one('Image')?.inputs ?? {}
  const [name, named] = [String(repository).replace('us.icr.io/', ''), `sha256:${digest}`]
  const reached = { base: `${cloud.sandbox.ready.api}/api/ibm/_/us.icr.io`, pauseMs: 1 }
  await expect(openRegistry(reached).has(name, named)).rejects.toMatchObject({ data: { status: 401 } })
  const login = { username: 'iamapikey', password: apikey }
  expect(await openRegistry({ ...reached, login }).has(name, named)).toBe(true)
  // What is free by either of the two numbers that IBM names.
  const { api, account } = await watching(cloud)
  const asked = await api({ method: 'GET', url: 'https://us.icr.io/api/v1/quotas', headers: { account: account.id } })
  expect(asked.body).toMatchObject({ limit: { storage_bytes: 500e6, traffic_bytes: 5e9 } })
}
