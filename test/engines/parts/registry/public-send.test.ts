import { describe, expect, it, onTestFinished } from 'vitest'
import { sha256 } from '../../../../engines/parts/image/layout.ts'
import { openRegistry } from '../../../../engines/parts/registry/client.ts'
import { publicSend, sendTo } from '../../../../engines/parts/registry/public-send.ts'
import { type Answer, type Asked, play } from './played-registry.ts'

const BYTES = Buffer.from('some bytes')
const here = async () => [{ address: '127.0.0.1', family: 4 }]

async function played(answer: (asked: Asked) => Answer) {
  const server = await play(answer)
  onTestFinished(() => server.close())
  // A name that nobody but who checked it knows an address of.
  return { ...server, named: `http://registry.invalid:${new URL(server.base).port}` }
}

describe('a call to a registry that somebody wrote into a manifest', () => {
  it('goes to the addresses that were checked, and the name is looked up by nobody else', async () => {
    const server = await played(() => ({ status: 200, headers: { 'x-two': 'a' }, body: BYTES }))
    const request = { method: 'POST', headers: { a: 'b' }, body: 'grant_type=refresh_token' }
    const answer = await sendTo(here)(`${server.named}/token`, request)
    expect([answer.status, answer.headers.get('x-two'), await answer.text()]).toEqual([200, 'a', 'some bytes'])
    const [asked] = server.asked
    expect([asked?.method, asked?.url, asked?.body.toString()]).toEqual(['POST', '/token', request.body])
    expect(asked?.headers).toMatchObject({ host: new URL(server.named).host, a: 'b' })
  })

  it('follows nothing by itself, has no body where none comes, and breaks as any other', async () => {
    const answers: Answer[] = [
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      { status: 204 },
      { status: 200, body: '' },
      { status: 200, headers: { 'content-length': String(BYTES.length) }, body: BYTES, cut: true },
      'hang up',
    ]
    const server = await played(() => answers.shift() ?? 'hang up')
    const send = (method = 'GET') => sendTo(here)(server.named, { method, redirect: 'manual' })
    expect((await send()).headers.get('location')).toBe('http://127.0.0.1:1/')
    expect((await send()).body).toBeNull()
    expect((await send('HEAD')).body).toBeNull()
    await expect((await send()).arrayBuffer()).rejects.toThrow()
    await expect(send()).rejects.toThrow(TypeError)
    const stop = AbortSignal.abort(new Error('enough'))
    await expect(sendTo(here)(server.named, { signal: stop })).rejects.toThrow('enough')
  })

  it('is one that a client makes again, reads to its end, and lets go of', async () => {
    const answers: Answer[] = ['hang up', { status: 200, body: BYTES }]
    const server = await played(() => answers.shift() ?? { status: 404 })
    const toPlayed = sendTo(here)
    const client = openRegistry({
      base: 'https://registry.invalid',
      send: (url, request) => toPlayed(url.replace('https://registry.invalid', server.named), request),
      pauseMs: 1,
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of await client.blob('a/b', sha256(BYTES))) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('some bytes')
    expect(await client.has('a/b', sha256(BYTES))).toBe(false)
    expect(await client.manifest('a/b', 'latest')).toBeUndefined()
  })

  it('is refused where the host is one of this machine', async () => {
    const server = await played(() => ({ status: 200 }))
    await expect(publicSend(server.base, {})).rejects.toMatchObject({ code: 'source.unreachable' })
    expect(server.asked).toEqual([])
  })
})
