import { describe, expect, it } from 'vitest'
import { component, packed, SITE_FILES, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ora')

const serverSaying = (text: string) => ({
  'server.js': `require('node:http').createServer((request, response) => {
    response.end(JSON.stringify({ says: ${JSON.stringify(text)}, url: request.url, greeting: process.env.GREETING, files: process.env.FILES_URL ?? null, leaked: Object.keys(process.env).filter((name) => /PIPI|OCI/.test(name)) }))
  }).listen(process.env.PORT, process.env.HOST)`,
})

describe('a workspace on ora', () => {
  it('stands on one machine: a site at its address, a service below its name, both by the agent from the bucket', async () => {
    const api = component({ kind: 'service', name: 'api', env: { GREETING: 'hello' } })
    const parts = [
      await packed(cloud.engine, component({ kind: 'site', name: 'pages' }), SITE_FILES),
      await packed(cloud.engine, api, serverSaying('first')),
    ]
    const { stack } = await cloud.open(parts)
    const { outputs } = await stack.up()
    const [pages, service] = [String(outputs.pages?.value.url), String(outputs.api?.value.url)]
    expect(await (await fetch(pages)).text()).toBe(SITE_FILES['index.html'])
    expect(service).toBe(`${pages}api/`)
    const answer = await fetch(`${service}deep?x=1`)
    expect(await answer.json()).toEqual({ says: 'first', url: '/deep?x=1', greeting: 'hello', files: null, leaked: [] })
    expect(answer.headers.get('pipi-release')).toBe(outputs.api?.value.release)
    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
  }, 60_000)
})
