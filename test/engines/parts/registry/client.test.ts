import { randomBytes } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Layout, sha256 } from '../../../../engines/parts/image/layout.ts'
import { openRegistry } from '../../../../engines/parts/registry/client.ts'
import { imageOf, rawTar } from '../../../helpers/images.ts'
import { type Answer, type Asked, type KeptBlobs, type Played, play, registryOf } from './played-registry.ts'

const servers: Played[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function played(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<Played> {
  const server = await play(answer)
  servers.push(server)
  return server
}

const LOGIN = { username: 'me', password: 'open sesame' }
const BYTES = Buffer.from('some bytes')
const DIGEST = sha256(BYTES)

async function read(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function empty(): KeptBlobs {
  return { blobs: new Map(), manifests: new Map(), uploads: new Map() }
}

/** An image whose layer is larger than two chunks: it does not get smaller by compression. */
let large: Layout
beforeAll(async () => {
  large = await imageOf([rawTar([{ path: 'large', type: 'File', body: randomBytes(9 * 1024 ** 2) }])])
})

describe('a call of a registry', () => {
  it('carries the login to the registry, and not to the host that a redirect leads to', async () => {
    const store = await played(() => ({ status: 200, body: BYTES }))
    const registry = await played(
      ({ headers }): Answer =>
        headers.authorization === undefined
          ? { status: 401, headers: { 'www-authenticate': 'Basic realm="here"' } }
          : { status: 307, headers: { location: `${store.base}/where/it/lies?signed=yes` } },
    )
    const client = openRegistry({ base: registry.base, login: LOGIN })
    expect(await read(await client.blob('a/b', DIGEST))).toBe('some bytes')
    expect(registry.asked.at(-1)?.headers.authorization).toBe(
      `Basic ${Buffer.from('me:open sesame').toString('base64')}`,
    )
    expect(store.asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/where/it/lies?signed=yes', undefined],
    ])
  })

  it('carries no login to where an upload goes on, if that is another host', async () => {
    const image = await imageOf([rawTar([{ path: 'a', type: 'File', body: 'a' }])])
    const kept = empty()
    const store = await played((asked) => registryOf(kept, asked))
    const registry = await played((asked) => {
      if (asked.headers.authorization === undefined)
        return { status: 401, headers: { 'www-authenticate': 'Basic realm="here"' } }
      const answer = registryOf(kept, asked)
      if (answer === 'hang up' || answer.headers?.location === undefined) return answer
      return { ...answer, headers: { location: `${store.base}${answer.headers.location}?state=a%3D` } }
    })
    await openRegistry({ base: registry.base, login: LOGIN }).push('a/b', image)
    expect(kept.manifests.has(image.manifest.digest)).toBe(true)
    expect(store.asked.map(({ method, url }) => `${method} ${url.split('&')[0]}`)).toEqual([
      'PUT /v2/a/b/blobs/uploads/1?state=a%3D',
      'PUT /v2/a/b/blobs/uploads/2?state=a%3D',
    ])
    expect(store.asked.every(({ headers }) => headers.authorization === undefined)).toBe(true)
  })

  it('answers no other host that asks for proof, and asks nobody that it names', async () => {
    const tokens = await played(() => ({ status: 200, body: JSON.stringify({ token: 'given' }) }))
    const store = await played(() => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${tokens.base}",service="s"` },
    }))
    const registry = await played(({ url }) => ({ status: 307, headers: { location: `${store.base}${url}` } }))
    const client = openRegistry({ base: registry.base, login: LOGIN })
    await expect(client.blob('a/b', DIGEST)).rejects.toThrow(`${new URL(store.base).host} answers 401`)
    expect([tokens.asked, store.asked.length]).toEqual([[], 1])
  })

  it('waits as long as a 429 asks for, and then is made again', async () => {
    let refused = 0
    const registry = await played((): Answer => {
      refused += 1
      return refused < 3 ? { status: 429, headers: { 'retry-after': '0' } } : { status: 200, body: BYTES }
    })
    // With pauses of its own this would take an hour.
    const client = openRegistry({ base: registry.base, pauseMs: 3_600_000 })
    expect(await read(await client.blob('a/b', DIGEST))).toBe('some bytes')
    expect(registry.asked).toHaveLength(3)
  })

  it('is made again after 503 and a broken connection, and gives up after the fifth time', async () => {
    const answers: Answer[] = [{ status: 503 }, 'hang up', { status: 200, body: BYTES }]
    const registry = await played(() => answers.shift() ?? { status: 502, body: 'the way is blocked' })
    const client = openRegistry({ base: registry.base, pauseMs: 1 })
    expect(await read(await client.blob('a/b', DIGEST))).toBe('some bytes')
    await expect(client.has('a/b', DIGEST)).rejects.toMatchObject({ code: 'provider.failed', data: { status: 502 } })
    expect(registry.asked).toHaveLength(3 + 5)
  })

  it('is given up when it is cancelled', async () => {
    const cancelled = new AbortController()
    const registry = await played(() => {
      cancelled.abort(new Error('enough'))
      return { status: 503 }
    })
    const client = openRegistry({ base: registry.base, pauseMs: 3_600_000, signal: cancelled.signal })
    await expect(client.has('a/b', DIGEST)).rejects.toThrow()
    expect(registry.asked).toHaveLength(1)
  })

  it.each([
    ['another host by http', 'http://169.254.169.254/latest'],
    ['this machine, from elsewhere', 'http://127.0.0.1:1/'],
  ])('does not follow a redirect of a registry by https to %s', async (_, location) => {
    const client = openRegistry({
      base: 'https://registry.example',
      send: async (url) => {
        expect(url).toContain('https://registry.example/')
        return new Response(null, { status: 307, headers: { location } })
      },
    })
    await expect(client.blob('a/b', DIGEST)).rejects.toThrow(/expected an https address/)
  })

  it('ends when it is sent around in circles', async () => {
    const registry = await played(({ url }) => ({ status: 302, headers: { location: url } }))
    await expect(openRegistry({ base: registry.base }).blob('a/b', DIGEST)).rejects.toThrow(/more than 5 times/)
  })

  it('is not made at all by plain http, unless the registry is on this machine', () => {
    expect(() => openRegistry({ base: 'http://registry.example' })).toThrow(/https only/)
  })
})

describe('a token', () => {
  const asks = (realm: string, scope = 'repository:a/b:pull') => ({
    status: 401,
    headers: { 'www-authenticate': `Bearer realm="${realm}",service="the registry",scope="${scope}"` },
  })

  it('is asked for where the registry says, with the login, and asked for again when it has ended', async () => {
    let valid = 'first'
    const tokens = await played(() => ({ status: 200, body: JSON.stringify({ token: valid }) }))
    const registry = await played(({ headers }) =>
      headers.authorization === `Bearer ${valid}` ? { status: 200, body: BYTES } : asks(`${tokens.base}/token?a=b`),
    )
    const client = openRegistry({ base: registry.base, login: LOGIN })
    await read(await client.blob('a/b', DIGEST))
    await read(await client.blob('a/b', DIGEST))
    expect(tokens.asked.map(({ url }) => url)).toEqual([
      '/token?a=b&service=the+registry&scope=repository%3Aa%2Fb%3Apull',
    ])
    expect(tokens.asked[0]?.headers.authorization).toMatch(/^Basic /)
    valid = 'second'
    await read(await client.blob('a/b', DIGEST))
    expect(tokens.asked).toHaveLength(2)
  })

  it('is asked for by OAuth2 where Docker keeps an identity token', async () => {
    const tokens = await played(() => ({ status: 200, body: JSON.stringify({ access_token: 'given' }) }))
    const registry = await played(({ headers }) =>
      headers.authorization === 'Bearer given' ? { status: 200, body: BYTES } : asks(tokens.base),
    )
    const login = { username: '<token>', password: '', identityToken: 'refresh me' }
    await read(await openRegistry({ base: registry.base, login }).blob('a/b', DIGEST))
    const [asked] = tokens.asked
    expect(asked?.method).toBe('POST')
    expect(asked?.headers.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(asked?.body.toString()))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'pipi-engines',
      service: 'the registry',
      scope: 'repository:a/b:pull',
      refresh_token: 'refresh me',
    })
  })

  it('is not asked for by plain http where the registry is reached by https', async () => {
    const client = openRegistry({
      base: 'https://registry.example',
      login: LOGIN,
      send: async (url) => {
        expect(url).toContain('https://registry.example/')
        return new Response(null, asks('http://tokens.example/'))
      },
    })
    await expect(client.blob('a/b', DIGEST)).rejects.toThrow(/expected an https address/)
  })

  it('is none where the answer is longer than 64 KiB', async () => {
    const body = JSON.stringify({ token: 'given', more: 'x'.repeat(64 * 1024) })
    const tokens = await played(() => ({ status: 200, body }))
    const registry = await played(({ headers }) =>
      headers.authorization === 'Bearer given' ? { status: 200, body: BYTES } : asks(tokens.base),
    )
    await expect(openRegistry({ base: registry.base }).blob('a/b', DIGEST)).rejects.toThrow(/for a token and gave none/)
  })

  it('that does not help is an answer, in the words of the registry', async () => {
    const tokens = await played(() => ({ status: 200, body: JSON.stringify({ token: 'not enough' }) }))
    const words = JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] })
    const registry = await played(() => ({ ...asks(tokens.base), body: words }))
    await expect(openRegistry({ base: registry.base }).blob('a/b', DIGEST)).rejects.toThrow(
      /answers 401 .*UNAUTHORIZED authentication required/,
    )
    expect(tokens.asked).toHaveLength(1)
  })
})

describe('what a registry gives', () => {
  it('is refused when it digests to something else', async () => {
    const registry = await played(() => ({ status: 200, body: 'other bytes' }))
    const client = openRegistry({ base: registry.base })
    await expect(client.blob('a/b', DIGEST).then(read)).rejects.toThrow(/gave other bytes/)
    await expect(client.manifest('a/b', DIGEST)).rejects.toThrow(/gave other bytes/)
  })

  it('is refused as a manifest when it is larger than four MiB', async () => {
    const registry = await played(() => ({ status: 200, body: Buffer.alloc(4 * 1024 ** 2 + 1) }))
    await expect(openRegistry({ base: registry.base }).manifest('a/b', DIGEST)).rejects.toThrow(/larger than 4 MiB/)
  })
})

describe('an upload', () => {
  it('goes in chunks where the registry says that it takes them, and goes on where it broke', async () => {
    const kept = empty()
    let patches = 0
    const registry = await played((asked) => {
      if (asked.method !== 'PATCH') return registryOf(kept, asked, true)
      patches += 1
      // The second is lost before it is heard, the answer to the fourth after it was.
      if (patches === 2) return 'hang up'
      const answer = registryOf(kept, asked, true)
      return patches === 4 ? { status: 502 } : answer
    })
    await openRegistry({ base: registry.base, pauseMs: 1 }).push('a/b', large)
    expect(kept.blobs.get(large.layers[0]?.digest ?? '')?.length).toBe(large.layers[0]?.size)
    const ranges = registry.asked.flatMap(({ headers }) => headers['content-range'] ?? [])
    expect(ranges.map((range) => Number(range.split('-')[0]) / 1024 ** 2)).toEqual([0, 4, 4, 8])
    expect(registry.asked.filter(({ method }) => method === 'POST')).toHaveLength(2)
  })

  it('is begun anew where the registry has forgotten it', async () => {
    const kept = empty()
    let forgotten = false
    const registry = await played((asked) => {
      if (asked.method === 'PATCH' && !forgotten) {
        forgotten = true
        kept.uploads.clear()
        return { status: 500 }
      }
      return registryOf(kept, asked, true)
    })
    await openRegistry({ base: registry.base, pauseMs: 1 }).push('a/b', large)
    expect(kept.blobs.has(large.layers[0]?.digest ?? '')).toBe(true)
  })

  it('goes in one piece elsewhere, is begun anew when it broke, and not when only the answer was lost', async () => {
    const image = await imageOf([rawTar([{ path: 'a', type: 'File', body: 'a' }])])
    const kept = empty()
    let puts = 0
    const registry = await played((asked) => {
      if (asked.method !== 'PUT' || asked.url.includes('/manifests/')) return registryOf(kept, asked)
      puts += 1
      if (puts === 1) return 'hang up'
      const answer = registryOf(kept, asked)
      return puts === 3 ? 'hang up' : answer
    })
    await openRegistry({ base: registry.base, pauseMs: 1 }).push('a/b', image)
    expect(puts).toBe(3)
    expect(registry.asked.filter(({ method }) => method === 'PATCH')).toEqual([])
    expect([...kept.blobs.keys()].sort()).toEqual(image.blobs.map(({ digest }) => digest).sort())
    expect(kept.manifests.get(image.manifest.digest)?.equals(image.manifest.bytes)).toBe(true)
  })
})
