import { describe, expect, it } from 'vitest'
import type { AttachedStack } from '../../stacks/provider/attached-stack.ts'
import { component, type Deployable, packed, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ibm')

/** Keeps what is sent as a document, and gives it back. */
const API_FILES = {
  'package.json': '{"type":"module"}',
  'server.js': `import { createServer } from 'node:http'
    const form = (fields) => ({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields) })
    const token = async () => (await (await fetch('https://iam.cloud.ibm.com/identity/token',
      form({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: process.env.DATA_APIKEY }))).json()).access_token
    createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      const headers = { authorization: 'Bearer ' + (await token()), 'content-type': 'application/json' }
      const sent = body === '' ? {} : { method: 'PUT', body }
      const kept = await fetch(process.env.DATA_URL + request.url, { headers, ...sent })
      response.writeHead(kept.status, { 'content-type': 'application/json', 'set-cookie': ['a=1; Path=/', 'b=2'] })
      response.end(JSON.stringify({ greeting: process.env.GREETING, kept: await kept.json() }))
    }).listen(process.env.PORT)`,
}
const HOOK_FILES = {
  'package.json': '{"type":"module"}',
  'index.js': `export default async (request) => Response.json(
    { at: new URL(request.url).search, sent: await request.text() }, { status: 201, headers: { 'x-hook': 'yes' } })`,
}

async function components(greeting: string, title: string): Promise<Deployable[]> {
  const { engine } = cloud
  const api = { kind: 'service', name: 'api', uses: ['data'], env: { GREETING: greeting } } as const
  return [
    await packed(engine, component({ kind: 'site', name: 'site' }), { ...SITE_FILES, 'index.html': title }),
    await packed(engine, component(api), API_FILES),
    await packed(engine, component({ kind: 'function', name: 'hook' }), HOOK_FILES),
    {
      component: component({ kind: 'database', name: 'data', model: 'document' }),
      artifact: { travels: 'nothing' } as never,
    },
  ]
}

async function up({ stack }: AttachedStack) {
  const { outputs, summary } = await stack.up()
  const addresses = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, String(value.url)]))
  return { addresses, changes: summary.resourceChanges ?? {} }
}

const JSON_TYPE = { 'content-type': 'application/json' }

describe('a workspace on IBM Cloud', () => {
  it('answers from functions of one project, keeps documents over changes in place, and leaves nothing', async () => {
    const parts = await components('hello', '<h1>One</h1>')
    const first = await cloud.open(parts)
    const { addresses } = await up(first)
    expect(await (await fetch(addresses.site ?? '')).text()).toBe('<h1>One</h1>')
    const logo = await fetch(`${addresses.site}logo.png`)
    expect([logo.headers.get('content-type'), await logo.text()]).toEqual(['image/png', SITE_FILES['logo.png']])
    expect((await fetch(`${addresses.site}lost`)).status).toBe(404)
    const hook = await fetch(`${addresses.hook}x?a=b`, { method: 'POST', body: '{"c":1}', headers: JSON_TYPE })
    expect([hook.status, hook.headers.get('x-hook'), await hook.json()]).toEqual([
      201,
      'yes',
      { at: '?a=b', sent: '{"c":1}' },
    ])
    const stored = await fetch(`${addresses.api}one`, { method: 'POST', body: '{"text":"kept"}', headers: JSON_TYPE })
    expect(await stored.json()).toMatchObject({ greeting: 'hello', kept: { ok: true, id: 'one' } })
    expect(stored.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2'])

    // The same program again, whatever the platform says of what it made.
    const { summary } = await first.stack.up({ refresh: true })
    expect(summary.resourceChanges).toEqual({ same: 9 })

    const inventory = await cloud.inventory()
    expect(inventory.filter((one) => one.type.endsWith(':Project')).length).toBe(1)
    expect(inventory.every((one) => one.urn.startsWith('urn:pulumi:'))).toBe(true)

    parts.splice(0, parts.length, ...(await components('good day', '<h1>Two</h1>')))
    const changed = await up(first)
    expect(changed.changes).toEqual({ same: 6, update: 3 })
    expect(changed.addresses).toEqual(addresses)
    expect(await (await fetch(addresses.site ?? '')).text()).toBe('<h1>Two</h1>')
    expect(await (await fetch(`${addresses.api}one`)).json()).toMatchObject({
      greeting: 'good day',
      kept: { text: 'kept' },
    })

    expect(await cloud.billed()).toBe(0)
    await first.stack.destroy()
    expect(await cloud.inventory()).toEqual([])
  })
})
