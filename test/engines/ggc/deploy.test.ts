import { describe, expect, it } from 'vitest'
import { component, packed, SERVER_FILES, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ggc')
const site = component({ kind: 'site', name: 'pages' })
const service = component({ kind: 'service', name: 'api', env: { GREETING: 'hello' } })

describe('a workspace on ggc', () => {
  it('answers by the URLs of its functions, changes nothing when nothing changed, and leaves nothing behind', async () => {
    const parts = [await packed(cloud.engine, site, SITE_FILES), await packed(cloud.engine, service, SERVER_FILES)]
    const { stack } = await cloud.open(parts)
    const { outputs } = await stack.up()

    const pages = String(outputs.pages?.value.url)
    const home = await fetch(pages)
    expect([home.status, home.headers.get('content-type'), await home.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      SITE_FILES['index.html'],
    ])
    expect(await (await fetch(new URL('papers', pages))).text()).toBe(SITE_FILES['papers/index.html'])
    expect((await fetch(new URL('nowhere', pages))).status).toBe(404)

    const api = String(outputs.api?.value.url)
    const answer = await fetch(new URL('people?page=2', api), {
      method: 'POST',
      body: 'grüße',
      headers: { 'x-agent': 'test' },
    })
    expect(await answer.json()).toEqual({
      method: 'POST',
      url: '/people?page=2',
      body: 'grüße',
      greeting: 'hello',
      agent: 'test',
    })
    expect((await fetch(new URL('teapot', api))).status).toBe(418)

    expect(await cloud.billed()).toBe(0)
    const same = (await stack.up()).summary.resourceChanges
    expect(Object.keys(same ?? {})).toEqual(['same'])
    expect(Object.keys((await stack.refresh()).summary.resourceChanges ?? {})).toEqual(['same'])
    await stack.destroy()
    expect(await cloud.inventory()).toEqual([])
  })

  it('answers with the new release after an update, under the same URL', async () => {
    const first = await packed(cloud.engine, site, { 'index.html': 'one' })
    const parts = [first]
    const { stack } = await cloud.open(parts)
    const before = String((await stack.up()).outputs.pages?.value.url)
    expect(await (await fetch(before)).text()).toBe('one')
    parts[0] = await packed(cloud.engine, site, { 'index.html': 'two' })
    const after = String((await stack.up()).outputs.pages?.value.url)
    expect(after).toBe(before)
    expect(await (await fetch(after)).text()).toBe('two')
  })

  it('is found again by the look-up key of each type, and by its id only', async () => {
    const { stack } = await cloud.open([await packed(cloud.engine, service, SERVER_FILES)])
    await stack.up()
    const reader = cloud.reader()
    try {
      for (const resource of await cloud.inventory()) {
        const rule = cloud.engine.rules[resource.type]
        expect(rule, resource.type).toBeDefined()
        if (rule === undefined) continue
        const lookup = rule.lookup(resource.inputs)
        expect(JSON.stringify(lookup)).not.toContain('null')
        const found = await rule.find(lookup, reader, 'w-of-somebody-else')
        // Untagged types are ours by their names; tagged ones must carry the workspace's id; an object is written again.
        const expected = rule.tagProperty !== null || resource.type.endsWith(':BucketObject') ? undefined : resource.id
        expect(found, resource.type).toBe(expected)
      }
    } finally {
      reader.close()
    }
  })
})
