import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHost, specFor } from './host.ts'

const MODULE = `
let calls = 0
export default async function (request) {
  const url = new URL(request.url)
  calls += 1
  if (url.pathname === '/echo') return new Response(request.body, { status: 201, headers: { 'x-method': request.method } })
  if (url.pathname === '/cookies') {
    const headers = new Headers({ 'content-type': 'text/plain' })
    headers.append('set-cookie', 'a=1'); headers.append('set-cookie', 'b=2')
    return new Response('x', { headers })
  }
  if (url.pathname === '/slow') return new Promise(() => {})
  if (url.pathname === '/endless') return new Response(new ReadableStream({ start: (to) => { to.enqueue(new TextEncoder().encode('first')) } }))
  if (url.pathname === '/throw') throw new Error('no such table')
  if (url.pathname === '/wrong') return 'text'
  return Response.json({ url: request.url, calls, secret: process.env.SECRET })
}`

describe('a function on a host', () => {
  let host: Awaited<ReturnType<typeof openHost>>
  let url: string
  beforeAll(async () => {
    host = await openHost({ look: 20 })
    const own = { runtime: 'function', main: 'index.mjs', timeout: 1, environment: { SECRET: 's' } } as const
    url = (await host.client.setProcess(await specFor({ 'index.mjs': MODULE }, own))).url
  })
  afterAll(() => host.supervisor.close())

  it('is called with the request as it was sent, and is not called by looks at its health', async () => {
    const answer = await fetch(`${url}a%20b?c=d&e=f?g`)
    expect(await answer.json()).toEqual({ url: `${url}a%20b?c=d&e=f?g`, calls: 1, secret: 's' })
    const health = await fetch(`${url}.well-known/pipi-health`)
    expect(await health.json()).toMatchObject({ calls: 2 })
  })

  it('takes bodies and gives status, headers and each cookie', async () => {
    const echoed = await fetch(`${url}echo`, { method: 'PUT', body: 'x'.repeat(300_000) })
    expect([echoed.status, echoed.headers.get('x-method')]).toEqual([201, 'PUT'])
    expect(await echoed.text()).toHaveLength(300_000)
    expect((await fetch(`${url}cookies`)).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('is given up after its time, also while it answers', async () => {
    const slow = await fetch(`${url}slow`)
    expect([slow.status, await slow.text()]).toEqual([504, 'The function took longer than 1 seconds.\n'])
    const endless = await fetch(`${url}endless`)
    await expect(endless.text()).rejects.toThrow()
  })

  it('answers 500 for its faults, whose reason is in its log and not in the answer', async () => {
    for (const path of ['throw', 'wrong']) {
      const answer = await fetch(`${url}${path}`)
      expect([answer.status, await answer.text()]).toEqual([500, 'The function has a fault.\n'])
    }
    const { lastLines, restarts } = (await host.client.process('demo')) ?? {}
    expect(lastLines?.join('\n')).toContain('no such table')
    expect(restarts).toBe(0)
  })

  it('is not switched to when its module has no function', async () => {
    const none = await specFor({ 'index.mjs': 'export const other = 1' }, { runtime: 'function', main: 'index.mjs' })
    await expect(host.client.setProcess(none)).rejects.toMatchObject({
      code: 'verify.failed',
      data: { lines: expect.arrayContaining([expect.stringContaining('is no function')]) },
    })
    expect((await fetch(url)).status).toBe(200)
  })
})
