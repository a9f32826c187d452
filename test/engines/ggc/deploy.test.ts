import { describe, expect, it } from 'vitest'
import { component, packed, SERVER_FILES, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ggc')
const site = component({ kind: 'site', name: 'pages' })
const service = component({ kind: 'service', name: 'api', env: { GREETING: 'hello' } })

describe('a workspace on ggc', () => {
  it('answers by the URLs of its functions, takes a new release under the same one, and leaves nothing behind', async () => {
    const parts = [await packed(cloud.engine, site, SITE_FILES), await packed(cloud.engine, service, SERVER_FILES)]
    const { stack } = await cloud.open(parts)
    const { outputs } = await stack.up()

    const pages = String(outputs.pages?.value.url)
    const home = await fetch(pages)
    expect([home.status, home.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await home.text()).toBe(SITE_FILES['index.html'])
    expect(await (await fetch(new URL('papers', pages))).text()).toBe(SITE_FILES['papers/index.html'])
    expect((await fetch(new URL('nowhere', pages))).status).toBe(404)

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
    expect(String(again.outputs.pages?.value.url)).toBe(pages)
    expect(await (await fetch(pages)).text()).toBe('two')
    expect(await (await fetch(api)).json()).toMatchObject({ greeting: 'hello' })

    expect(await cloud.billed()).toBe(0)
    await stack.destroy()
    expect(await cloud.inventory()).toEqual([])
  })

  it('is found by the look-up key of each type and adopted whole by import, when its state was lost', async () => {
    const parts = [await packed(cloud.engine, service, SERVER_FILES)]
    const first = await cloud.open(parts)
    await first.stack.up()
    const before = await cloud.inventory()
    const reader = cloud.reader()
    try {
      for (const { type, id, inputs } of before) {
        const rule = cloud.engine.rules[type]
        const lookup = rule?.lookup(inputs) ?? {}
        expect(JSON.stringify(lookup), type).not.toContain('null')
        // Untagged types are ours by their names; tagged ones must carry the workspace's id; an object is written again.
        const expected = rule?.tagProperty !== null || type.endsWith(':BucketObject') ? undefined : id
        expect(await rule?.find(lookup, reader, 'w-of-somebody-else'), type).toBe(expected)
      }
    } finally {
      reader.close()
    }

    await cloud.forget(first)
    const { stack } = await cloud.open(parts, before)
    const changes = (await stack.up()).summary.resourceChanges ?? {}
    // An object cannot be imported: it is written again, in its own place.
    const written = before.filter((one) => one.type.endsWith(':BucketObject')).length
    expect(changes.import).toBe(before.length - written)
    const ids = (resources: typeof before) => resources.map((one) => `${one.type} ${one.id}`).sort()
    expect(ids(await cloud.inventory())).toEqual(ids(before))
  })
})
