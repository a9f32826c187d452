import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openApi } from '../../../factory/stem-cell/watch/api.ts'

describe('calls of a platform’s own API', () => {
  const asked: { url: string; authorization: string; body: string }[] = []
  let answers: ((response: ServerResponse) => void)[] = []
  let base: string
  let close: () => Promise<void>

  beforeEach(async () => {
    asked.length = 0
    const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/x`
    close = async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  })
  afterEach(() => close())

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { url = '', headers } = request
    asked.push({ url, authorization: headers.authorization ?? '', body: Buffer.concat(chunks).toString() })
    const next = answers.shift() ?? ((one: ServerResponse) => one.end('{"ok":true}'))
    next(response)
  }
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(code, headers).end(`{"code":${code}}`)
  const api = (signal = AbortSignal.timeout(30_000)) => {
    let proofs = 0
    return openApi({
      base,
      signal,
      firstWaitMs: 1,
      prove: () => async () => {
        proofs += 1
        return { authorization: `proof ${proofs}` }
      },
    })
  }

  it('are asked again when they were throttled, failed or lost, each time with a new proof', async () => {
    answers = [status(429, { 'retry-after': '0' }), status(503), (response) => void response.destroy()]
    expect(await api()({ method: 'POST', url: 'https://a.example/b?c=1', body: { d: 2 } })).toEqual({
      status: 200,
      body: { ok: true },
    })
    expect(asked.map((one) => one.authorization)).toEqual(['proof 1', 'proof 2', 'proof 3', 'proof 4'])
    expect(new Set(asked.map((one) => `${one.url} ${one.body}`))).toEqual(new Set(['/api/x/_/a.example/b?c=1 {"d":2}']))
  })

  it('are not asked again when the answer is no', async () => {
    answers = [status(403)]
    expect(await api()({ method: 'GET', url: 'https://a.example/' })).toEqual({ status: 403, body: { code: 403 } })
    expect(asked).toHaveLength(1)
  })

  it('give the last answer when it stays wrong, and say so when there was none', async () => {
    answers = Array.from({ length: 4 }, () => status(500))
    expect((await api()({ method: 'GET', url: 'https://a.example/' })).status).toBe(500)
    answers = Array.from({ length: 4 }, () => (response: ServerResponse) => void response.destroy())
    await expect(api()({ method: 'GET', url: 'https://a.example/' })).rejects.toThrow('a.example did not answer')
  })

  it('carry their proof nowhere else: a redirect is not followed', async () => {
    answers = Array.from({ length: 4 }, () => status(302, { location: `${base}/elsewhere` }))
    await expect(api()({ method: 'GET', url: 'https://a.example/' })).rejects.toThrow('did not answer')
    expect(asked.filter((one) => one.url.includes('elsewhere'))).toEqual([])
  })

  it('end when the look ends', async () => {
    const look = new AbortController()
    answers = [() => look.abort(new Error('the look is over'))]
    await expect(api(look.signal)({ method: 'GET', url: 'https://a.example/' })).rejects.toThrow('the look is over')
    expect(asked).toHaveLength(1)
  })
})
