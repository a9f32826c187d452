import { describe, expect, it } from 'vitest'
import { archive, SITE, useSandbox } from './use-sandbox.ts'

const sandbox = useSandbox()
const ask = (path: string, init?: RequestInit) => fetch(`${sandbox.process.ready.api}/api/cld${path}`, init)

describe('the HTTP API of a simulated cloud', () => {
  it('answers for every host of the platform: method, query and body arrive as they were sent', async () => {
    const body = JSON.stringify({ a: 1 })
    const answer = await ask('/_/usage.cloudy.example/echo?x=1&y=z', { method: 'POST', body })
    expect(await answer.json()).toEqual({
      method: 'POST',
      host: 'usage.cloudy.example',
      query: { x: '1', y: 'z' },
      body: { a: 1 },
      account: 'acct-1',
    })
    const form = await ask('/_/auth.cloudy.example/echo', { method: 'POST', body: 'grant=x' })
    expect(await form.json()).toMatchObject({ body: 'grant=x' })
    expect(await (await ask('/echo')).json()).toMatchObject({ method: 'GET', host: '' })
  })

  it('belongs to whoever the proof names, and refuses a wrong one in the cloud’s words', async () => {
    expect(await (await ask('/echo', { headers: { 'x-account': 'acct-2' } })).json()).toMatchObject({
      account: 'acct-2',
    })
    const refused = await ask('/echo', { headers: { 'x-token': 'wrong' } })
    expect([refused.status, await refused.json()]).toEqual([401, { message: 'InvalidToken' }])
  })

  it('misbehaves as it is told to', async () => {
    const fault = (given: Record<string, unknown>) =>
      sandbox.process.admin('POST', '/fault', { engine: 'cld', operation: 'api', ...given })
    await fault({ kind: 'throttle' })
    expect((await ask('/echo')).status).toBe(429)
    await fault({ kind: 'error', type: 'usage.cloudy.example/echo' })
    expect((await ask('/echo')).status).toBe(200)
    expect((await ask('/_/usage.cloudy.example/echo')).status).toBe(500)
    expect((await ask('/_/usage.cloudy.example/echo')).status).toBe(200)
  })

  it('shows traffic, also of what was deleted this month, and as late as it is told to', async () => {
    const zip = await archive({ 'public/index.html': '0123456789' })
    const { id, outputs } = await sandbox.cloud.create(SITE, 'a', { zip })
    await fetch(String(outputs.url))
    const requests = async () => {
      const { used } = (await (await ask('/usage')).json()) as {
        used: {
          id: string
          days: Record<string, { requests: number }>
          usage: Record<string, { egressBytes: number }>
        }[]
      }
      const one = used.find((each) => each.id === id)
      return [Object.values(one?.days ?? {})[0]?.requests ?? 0, Object.values(one?.usage ?? {})[0]?.egressBytes ?? 0]
    }
    expect(await requests()).toEqual([1, 10])
    await sandbox.process.admin('POST', '/stale', { cloud: 'cld', by: '6h' })
    expect(await requests()).toEqual([0, 0])
    await sandbox.reopen()
    expect(await requests()).toEqual([0, 0])
    await sandbox.process.admin('POST', '/stale', { cloud: 'cld', by: '0s' })
    await sandbox.cloud.delete(SITE, id)
    expect(await requests()).toEqual([1, 10])
    await sandbox.process.admin('POST', '/clock', { forward: '32d' })
    expect(await requests()).toEqual([0, 0])
    await expect(sandbox.process.admin('POST', '/stale', { cloud: 'xyz', by: '1h' })).rejects.toThrow(/not-found/)
  })
})
