import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { component, packed, SERVER_FILES, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('azu')
const site = component({ kind: 'site', name: 'pages' })
const databases = [
  component({ kind: 'database', name: 'papers', model: 'relational' }),
  component({ kind: 'database', name: 'notes', model: 'document' }),
]
const service = component({ kind: 'service', name: 'api', env: { GREETING: 'hello' } })

const without = (of: (typeof databases)[number]) => packed(cloud.engine, of, {})

describe('a workspace on azu', () => {
  it('answers by its apps, takes a new release under the same address, and leaves nothing behind', async () => {
    const parts = [await packed(cloud.engine, site, SITE_FILES), await packed(cloud.engine, service, SERVER_FILES)]
    const { stack } = await cloud.open(parts)
    const { outputs } = await stack.up()

    const pages = String(outputs.pages?.value.url)
    const home = await fetch(pages)
    expect([home.status, home.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await home.text()).toBe(SITE_FILES['index.html'])
    expect(await (await fetch(new URL('papers/', pages))).text()).toBe(SITE_FILES['papers/index.html'])
    const lost = await fetch(new URL('nowhere', pages))
    expect([lost.status, await lost.text()]).toEqual([404, SITE_FILES['404.html']])

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
    const parts = [await packed(cloud.engine, service, SERVER_FILES), ...(await Promise.all(databases.map(without)))]
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

  it('lets a service into its databases by its environment, and keeps that out of the state and all outputs', async () => {
    const greeting = component({ kind: 'service', name: 'api', uses: ['papers', 'notes'] })
    const server = {
      'server.js': `require('node:http').createServer((_, response) => response.end(JSON.stringify([process.env.PAPERS_URL, process.env.NOTES_URL]))).listen(process.env.PORT)`,
    }
    const other = component({ kind: 'service', name: 'other' })
    const attached = await cloud.open([
      ...(await Promise.all(databases.map(without))),
      await packed(cloud.engine, greeting, server),
      await packed(cloud.engine, other, SERVER_FILES),
    ])
    const { outputs } = await attached.stack.up()
    // Both services run in the one free plan that there is in a region.
    const plans = (await cloud.inventory()).filter((one) => one.type.endsWith(':AppServicePlan'))
    expect(plans).toHaveLength(1)
    expect(await (await fetch(String(outputs.other?.value.url))).json()).toMatchObject({ greeting: null })
    const [papers, notes] = (await (await fetch(String(outputs.api?.value.url))).json()) as string[]
    const host = 'demo-papers-a1b2c3.database.windows.net:1433/papers?encrypt=true'
    expect(outputs.papers?.value.url).toBe(`mssql://${host}`)
    expect(papers).toMatch(new RegExp(`^mssql://pipi:[^@]{30,}@${host.replace('?', '[?]')}$`))
    expect(notes).toMatch(
      /^AccountEndpoint=https:\/\/demo-notes-a1b2c3\.documents\.azure\.com:443\/;AccountKey=\S{40,};$/,
    )

    await attached.stack.refresh()
    const secrets = [
      /pipi:([^@]+)@/.exec(papers ?? '')?.[1] ?? 'no',
      /AccountKey=([^;]+)/.exec(notes ?? '')?.[1] ?? 'no',
    ]
    const kept = await readdir(join(attached.folder, 'state'), { recursive: true, withFileTypes: true })
    const files = kept.filter((one) => one.isFile())
    const texts = await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name), 'utf8')))
    expect(texts.length).toBeGreaterThan(0)
    for (const text of [...texts, JSON.stringify(outputs)])
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
  })
})
