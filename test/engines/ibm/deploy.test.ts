import { describe, expect, it } from 'vitest'

import type { AttachedStack } from '../../stacks/provider/attached-stack.ts'
import { component, packed, SERVER_FILES, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ibm')

function changes(stack: AttachedStack): Promise<Record<string, number | undefined>> {
  return stack.stack.up().then(({ summary }) => summary.resourceChanges ?? {})
}

describe('deploying to IBM Cloud', () => {
  it('a site, a service and a function answer as one function each, change in place, and leave nothing', async () => {
    const site = component({ kind: 'site', name: 'site' })
    const service = component({ kind: 'service', name: 'api', main: 'server.js', env: { GREETING: 'hello' } })
    const fn = component({ kind: 'function', name: 'hook' })
    const hook = {
      'index.js': `export default async (request) => Response.json({ at: new URL(request.url).pathname, sent: await request.text() }, { status: 201, headers: { 'set-cookie': 'a=1' } })`,
      'package.json': '{"type":"module"}',
    }
    const deployables = [
      await packed(cloud.engine, site, SITE_FILES),
      await packed(cloud.engine, service, SERVER_FILES),
      await packed(cloud.engine, fn, hook),
    ]
    const attached = await cloud.open(deployables)
    const { outputs } = await attached.stack.up()
    const url = (name: string) => String(outputs[name]?.value?.url)
    expect(await (await fetch(url('site'))).text()).toBe('<h1>Institute</h1>')
    const logo = await fetch(`${url('site')}logo.png`)
    expect([logo.headers.get('content-type'), await logo.text()]).toEqual(['image/png', '\u0089PNG not really'])
    expect((await fetch(`${url('site')}lost`)).status).toBe(404)
    const answered = await fetch(`${url('api')}teapot?a=b`, {
      method: 'POST',
      body: 'tea',
      headers: { 'content-type': 'text/plain' },
    })
    expect(answered.status).toBe(418)
    expect(await answered.json()).toMatchObject({ method: 'POST', url: '/teapot?a=b', body: 'tea', greeting: 'hello' })
    expect(answered.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2'])
    const hooked = await fetch(`${url('hook')}x`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    })
    expect([hooked.status, await hooked.json()]).toEqual([201, { at: '/x', sent: '{"a":1}' }])
    expect(Object.keys(await changes(attached))).toEqual(['same'])
    const refreshed = await attached.stack.refresh()
    expect(Object.keys(refreshed.summary.resourceChanges ?? {})).toEqual(['same'])
    expect(await cloud.billed()).toBe(0)
  })
})
