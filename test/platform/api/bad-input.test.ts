import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIGEST, MANIFEST } from '../commander/stage.ts'
import { useApi } from './stage.ts'

const use = useApi()

const NAUGHTY = [
  '',
  ' ',
  '\u0000',
  '\u0007',
  '\ud800',
  '../../etc/passwd',
  '..%2f..',
  '%00',
  '%',
  "'; drop table pipi.deployments; --",
  '$(id)',
  '`id`',
  '-h',
  '--help',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  'NaN',
  '1e309',
  '9'.repeat(400),
  'x'.repeat(5_000),
  '<script>alert(1)</script>',
  'javascript:alert(1)',
  '\u202e',
  '😀',
  'Ω≈ç√',
  '{"a":1}',
  '[]',
  '\r\nset-cookie: x=1',
  'CON',
  'nul',
  '٣',
  '0x10',
  '+1',
  '1,2',
  '*',
  '/',
  '\\',
  '\t',
]

describe('bad input', () => {
  it('is a problem document with our code, a hint, and every problem', async () => {
    const answer = await use.api.inject({
      method: 'POST',
      url: '/v1/deployments',
      headers: use.as('owner'),
      payload: { kind: 'deploy', manifest: 'name: [', file: 'ws.yaml' },
    })
    expect(answer.statusCode).toBe(422)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(answer.json()).toMatchObject({
      type: 'urn:pipi:error:manifest.invalid',
      status: 422,
      code: 'manifest.invalid',
      title: expect.any(String),
      detail: expect.any(String),
      hint: expect.any(String),
      instance: '/v1/deployments',
      problems: [{ file: 'ws.yaml', line: 1, column: 8 }],
    })
  })

  it.each([
    ['no JSON', '{', 'application/json'],
    ['a number', '1', 'application/json'],
    ['null', 'null', 'application/json'],
    ['a list', '[]', 'application/json'],
    ['nothing', '', 'application/json'],
    ['XML', '<a/>', 'application/xml'],
    ['a form', 'a=b', 'application/x-www-form-urlencoded'],
    ['bytes where JSON is wanted', '{}', 'application/gzip'],
    ['a prototype', '{"__proto__":{"x":1},"kind":"deploy","manifest":"a"}', 'application/json'],
    ['both manifest and name', '{"kind":"deploy","manifest":"a","workspace":"good"}', 'application/json'],
    ['neither', '{"kind":"deploy"}', 'application/json'],
    ['an unknown field', '{"kind":"deploy","workspace":"good","colour":"blue"}', 'application/json'],
    ['an unknown kind', '{"kind":"explode","workspace":"good"}', 'application/json'],
    ['a body that is too large', JSON.stringify({ kind: 'deploy', manifest: 'x'.repeat(300_000) }), 'application/json'],
  ])('%s as a body is answered 4xx', async (_, payload, type) => {
    const answer = await use.api.inject({
      method: 'POST',
      url: '/v1/deployments',
      headers: { ...use.as('owner'), 'content-type': type },
      payload,
    })
    expect(answer.statusCode).toBeGreaterThanOrEqual(400)
    expect(answer.statusCode).toBeLessThan(500)
    expect(answer.json()).toMatchObject({ code: expect.stringMatching(/invalid$/) })
  })

  it('never becomes a fault of ours, wherever it stands', async () => {
    const owner = use.as('owner')
    for (const text of NAUGHTY) {
      const inUrl = encodeURIComponent(text.toWellFormed())
      const asked = [
        ...['/v1/deployments/', '/v1/workspaces/', '/v1/catalog/'].map((path) => ({
          method: 'GET' as const,
          url: path + inUrl,
        })),
        ...[
          'deployments?workspace',
          'deployments?status',
          'deployments?cursor',
          'deployments?limit',
          'workspaces?cursor',
          'quota?cloud',
          'journal?after',
          'journal?deployment',
          'events?deployment',
          'events?after',
        ]
          .map((query) => ({ method: 'GET' as const, url: `/v1/${query.replace('?', '?x=1&')}=${inUrl}` }))
          .filter(({ url }) => !url.startsWith('/v1/events?x=1&after')),
        { method: 'POST' as const, url: `/v1/deployments/${inUrl}/cancel` },
        {
          method: 'PUT' as const,
          url: `/v1/uploads/${inUrl}`,
          payload: 'x',
          headers: { ...owner, 'content-type': 'application/gzip' },
        },
        ...['manifest', 'workspace', 'engine', 'region', 'file', 'kind'].map((field) => ({
          method: 'POST' as const,
          url: '/v1/deployments',
          payload: {
            kind: 'deploy',
            manifest: MANIFEST,
            source: { kind: 'upload', digest: DIGEST },
            engine: 'abc',
            [field]: text,
          },
        })),
        ...['url', 'ref', 'path'].map((field) => ({
          method: 'POST' as const,
          url: '/v1/deployments',
          payload: {
            kind: 'deploy',
            manifest: MANIFEST,
            source: { kind: 'git', url: '/no/such', [field]: text },
            engine: 'abc',
          },
        })),
        {
          method: 'POST' as const,
          url: '/v1/deployments',
          payload: {
            kind: 'deploy',
            manifest: `${MANIFEST}title: ${JSON.stringify(text)}\n`,
            source: { kind: 'upload', digest: DIGEST },
            engine: 'abc',
          },
        },
      ]
      for (const one of asked) {
        const answer = await use.api.inject({ headers: owner, ...one })
        expect(answer.statusCode, `${one.method} ${one.url} ${JSON.stringify(text)} ${answer.body}`).toBeLessThan(500)
      }
    }
    expect(use.faults).toEqual([])
  })

  it('never becomes a fault of ours, whatever JSON it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 4 }), async (payload) => {
        const answer = await use.api.inject({
          method: 'POST',
          url: '/v1/deployments',
          headers: { ...use.as('owner'), 'content-type': 'application/json' },
          payload,
        })
        expect(answer.statusCode).toBeGreaterThanOrEqual(400)
        expect(answer.statusCode).toBeLessThan(500)
      }),
      { numRuns: 200 },
    )
  })

  it('is told where the way is: an unknown address, and a sandbox that is none', async () => {
    const unknown = await use.api.inject({ url: '/v1/nothing', headers: use.as('owner') })
    expect(unknown.json()).toMatchObject({ code: 'not-found', hint: expect.stringContaining('/openapi.json') })
    const sandbox = await use.api.inject({ url: '/v1/sandbox/bill', headers: use.as('owner') })
    expect(sandbox.json()).toMatchObject({ status: 404, hint: expect.stringContaining('--sandbox') })
  })

  it('keeps what was sent under a wrong digest out', async () => {
    const answer = await use.api.inject({
      method: 'PUT',
      url: `/v1/uploads/${'0'.repeat(64)}`,
      headers: { ...use.as('deployer'), 'content-type': 'application/gzip' },
      payload: 'not those bytes',
    })
    expect(answer.json()).toMatchObject({ code: 'input.invalid', detail: expect.stringContaining('sha256') })
  })
})
