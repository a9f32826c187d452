import { describe, expect, it } from 'vitest'
import { clientOf } from '../../../platform/cli/client.ts'
import { freePort } from '../../helpers/free-port.ts'
import { serveHttp } from './http-server.ts'

describe('the client', () => {
  it('sends its token, its key and JSON', async () => {
    let seen: Record<string, unknown> = {}
    const url = await serveHttp((request, response) => {
      seen = { method: request.method, url: request.url, ...request.headers }
      response.end('{"id":"d1"}')
    })
    expect(await clientOf(url, 'secret').post('/v1/deployments', { kind: 'deploy' }, 'key-1')).toEqual({ id: 'd1' })
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/v1/deployments',
      authorization: 'Bearer secret',
      'idempotency-key': 'key-1',
    })
  })

  it('leaves out what was not asked for', async () => {
    let path = ''
    const url = await serveHttp((request, response) => {
      path = request.url ?? ''
      response.end('{}')
    })
    await clientOf(url, undefined).get('/v1/quota', { cloud: undefined, all: 'a b' })
    expect(path).toBe('/v1/quota?all=a+b')
  })

  it('turns a problem document back into the error it was', async () => {
    const problem = {
      code: 'lock.over-limit',
      detail: 'no place',
      hint: 'destroy one',
      problems: [{ message: 'x', line: 3 }],
      data: { limit: 3 },
    }
    const url = await serveHttp((_, response) => {
      response.writeHead(409, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem))
    })
    await expect(clientOf(url, 't').get('/x')).rejects.toMatchObject({
      code: 'lock.over-limit',
      message: 'no place',
      hint: 'destroy one',
      problems: [{ message: 'x', line: 3 }],
      data: { limit: 3 },
    })
  })

  it.each([
    [401, 'not-authenticated'],
    [403, 'not-allowed'],
    [404, 'not-found'],
    [418, 'input.invalid'],
    [500, 'platform.internal'],
    [502, 'platform.unreachable'],
  ])("goes by the status when a proxy's page has no code: %i is %s", async (status, code) => {
    const url = await serveHttp((_, response) => response.writeHead(status).end('<html>'))
    await expect(clientOf(url, 't').get('/x')).rejects.toMatchObject({ code })
  })

  it('follows no redirect: its token is for this platform only', async () => {
    const url = await serveHttp((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end())
    await expect(clientOf(url, 't').get('/x')).rejects.toMatchObject({ code: 'platform.unreachable' })
  })

  it('says what is not a platform', async () => {
    const url = await serveHttp((_, response) => response.end('<html>hello</html>'))
    await expect(clientOf(url, 't').get('/x')).rejects.toThrow(/not JSON/)
  })

  it('says how to start a platform when nobody listens', async () => {
    const error = clientOf(`http://127.0.0.1:${await freePort()}`, 't', 'Start it: ./pipi serve').get('/x')
    await expect(error).rejects.toMatchObject({ code: 'platform.unreachable', hint: 'Start it: ./pipi serve' })
  })
})
