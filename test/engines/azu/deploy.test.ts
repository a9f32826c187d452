import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OutputMap } from '@pulumi/pulumi/automation/index.js'
import { describe, expect, it } from 'vitest'
import type { AttachedStack } from '../../stacks/provider/attached-stack.ts'
import { component, packed, SERVER_FILES, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('azu')
const site = component({ kind: 'site', name: 'pages' })
const service = component({ kind: 'service', name: 'api', env: { GREETING: 'hello' } })
const asking = component({ kind: 'service', name: 'asks', uses: ['papers', 'notes'] })
const ASKING = {
  'server.js': `require('node:http').createServer((_, response) => response.end(JSON.stringify([process.env.PAPERS_URL, process.env.NOTES_URL]))).listen(process.env.PORT)`,
}
const databases = [
  component({ kind: 'database', name: 'papers', model: 'relational' }),
  component({ kind: 'database', name: 'notes', model: 'document' }),
]
const declared = () => Promise.all(databases.map((of) => packed(cloud.engine, of, {})))

describe('a workspace on azu', () => {
  it('answers by its apps, lets its service into its databases and shows nobody how, takes a new release, and leaves nothing', async () => {
    const parts = [
      await packed(cloud.engine, site, SITE_FILES),
      await packed(cloud.engine, service, SERVER_FILES),
      await packed(cloud.engine, asking, ASKING),
      ...(await declared()),
    ]
    const attached = await cloud.open(parts)
    const { stack } = attached
    const { outputs } = await stack.up()
    const pages = await expectSite(outputs)
    const api = await expectService(outputs)
    // All services run in the one free plan that there is in a region.
    expect((await cloud.inventory()).filter((one) => one.type.endsWith(':AppServicePlan'))).toHaveLength(1)
    await expectSecret(await lettingIn(outputs), outputs, attached)

    parts[0] = await packed(cloud.engine, site, { 'index.html': 'two' })
    const again = await stack.up()
    expect(again.summary.resourceChanges).toMatchObject({ update: 1 })
    expect(String(again.outputs.pages?.value.url)).toBe(pages)
    expect(await (await fetch(pages)).text()).toBe('two')
    expect(await (await fetch(api)).json()).toMatchObject({ greeting: 'hello' })

    expect(await cloud.billed()).toBe(0)
    await stack.destroy()
    expect(await cloud.inventory()).toEqual([])
  })

  it('is found by the look-up key of each type and adopted whole by import, when its state was lost', async () => {
    const parts = [await packed(cloud.engine, service, SERVER_FILES), ...(await declared())]
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
})

async function expectSite(outputs: OutputMap): Promise<string> {
  const pages = String(outputs.pages?.value.url)
  const home = await fetch(pages)
  expect([home.status, home.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(await home.text()).toBe(SITE_FILES['index.html'])
  expect(await (await fetch(new URL('papers/', pages))).text()).toBe(SITE_FILES['papers/index.html'])
  const lost = await fetch(new URL('nowhere', pages))
  expect([lost.status, await lost.text()]).toEqual([404, SITE_FILES['404.html']])
  return pages
}

async function expectService(outputs: OutputMap): Promise<string> {
  const api = String(outputs.api?.value.url)
  const sent = { method: 'POST', body: 'grüße', headers: { 'x-agent': 'test' } }
  const answer = await fetch(new URL('people?page=2', api), sent)
  expect(await answer.json()).toEqual({
    method: 'POST',
    url: '/people?page=2',
    body: 'grüße',
    greeting: 'hello',
    agent: 'test',
  })
  const teapot = await fetch(new URL('teapot', api))
  expect([teapot.status, teapot.headers.getSetCookie()]).toEqual([418, ['a=1; Path=/', 'b=2']])
  return api
}

/** The password and the key that a service has in its environment. */
async function lettingIn(outputs: OutputMap): Promise<string[]> {
  const [papers, notes] = (await (await fetch(String(outputs.asks?.value.url))).json()) as string[]
  const host = 'demo-papers-a1b2c3.database.windows.net:1433/papers?encrypt=true'
  expect(outputs.papers?.value.url).toBe(`mssql://${host}`)
  expect(papers?.endsWith(`@${host}`)).toBe(true)
  expect(notes).toMatch(/^AccountEndpoint=https:\/\/demo-notes-a1b2c3\.documents\.azure\.com:443\/;/)
  const password = /^mssql:\/\/pipi:([^@]{30,})@/.exec(papers ?? '')?.[1]
  const key = /;AccountKey=([^;]{40,});$/.exec(notes ?? '')?.[1]
  return [String(password), String(key)]
}

/** Not even once all of it was read anew. */
async function expectSecret(secrets: string[], outputs: OutputMap, { stack, folder }: AttachedStack): Promise<void> {
  await stack.refresh()
  const kept = await readdir(join(folder, 'state'), { recursive: true, withFileTypes: true })
  const files = kept.filter((one) => one.isFile())
  const texts = await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name), 'utf8')))
  expect(texts.length).toBeGreaterThan(0)
  for (const text of [...texts, JSON.stringify(outputs)])
    expect(secrets.filter((secret) => secret.length < 30 || text.includes(secret))).toEqual([])
}
