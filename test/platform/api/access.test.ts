import { describe, expect, it } from 'vitest'
import type { Role } from '../../../platform/api/authenticate.ts'
import { MANIFEST } from '../commander/stage.ts'
import { useApi } from './stage.ts'

const use = useApi()

const body = { kind: 'deploy', manifest: MANIFEST, source: { kind: 'upload', digest: 'f'.repeat(64) }, engine: 'abc' }

/** Every route, the least role it takes, and a request that is otherwise right. */
const ROUTES: [least: Role | 'public', method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object][] = [
  ['public', 'GET', '/healthz'],
  ['public', 'GET', '/readyz'],
  ['public', 'GET', '/metrics'],
  ['public', 'GET', '/openapi.json'],
  ['viewer', 'GET', '/v1/deployments'],
  ['viewer', 'GET', '/v1/deployments/d0'],
  ['viewer', 'GET', '/v1/deployments/d0/story'],
  ['viewer', 'GET', '/v1/events?deployment=d0'],
  ['viewer', 'GET', '/v1/workspaces'],
  ['viewer', 'GET', '/v1/workspaces/some'],
  ['viewer', 'GET', '/v1/workspaces/some/history'],
  ['viewer', 'GET', '/v1/workspaces/some/secrets'],
  ['viewer', 'GET', '/v1/workspaces/some/domains'],
  ['viewer', 'GET', '/v1/workspaces/some/config'],
  ['deployer', 'PUT', '/v1/workspaces/some/config/SIZE', { value: 'x' }],
  ['deployer', 'DELETE', '/v1/workspaces/none/config/SIZE'],
  ['viewer', 'GET', '/v1/workspaces/some/orphans'],
  ['deployer', 'POST', '/v1/workspaces/none/adopt'],
  ['deployer', 'PUT', '/v1/workspaces/some/secrets/KEY', { value: 'x' }],
  ['deployer', 'DELETE', '/v1/workspaces/none/secrets/KEY'],
  ['viewer', 'GET', '/v1/quota'],
  ['owner', 'POST', '/v1/quota/reconcile', { cloud: 'ccc' }],
  ['viewer', 'GET', '/v1/cloud-accounts'],
  ['viewer', 'GET', '/v1/cloud-accounts/abc'],
  ['viewer', 'GET', '/v1/credits'],
  ['owner', 'DELETE', '/v1/credits/c0'],
  ['owner', 'GET', '/v1/cloud-accounts/abc/proposals'],
  ['owner', 'POST', '/v1/cloud-accounts/abc/proposals', { what: 'budget', value: { usdPerMonth: 0 } }],
  ['owner', 'POST', '/v1/cloud-accounts/abc/switch', { to: 'open' }],
  ['owner', 'POST', '/v1/cloud-accounts/abc/check'],
  ['owner', 'GET', '/v1/cloud-accounts/none/check?since=2026-01-01T00:00:00Z'],
  ['owner', 'POST', '/v1/cloud-accounts/abc/secure'],
  ['owner', 'POST', '/v1/proposals/p0/confirm'],
  ['owner', 'DELETE', '/v1/proposals/p0'],
  ['viewer', 'GET', '/v1/engines'],
  ['owner', 'GET', '/v1/engines/ccc/credentials'],
  ['owner', 'PUT', '/v1/engines/ccc/credentials', { values: { CCC_TOKEN: 'x' } }],
  ['owner', 'DELETE', '/v1/engines/ccc/credentials'],
  ['owner', 'GET', '/v1/accounts'],
  ['owner', 'POST', '/v1/accounts', { name: 'opened' }],
  ['owner', 'GET', '/v1/tokens'],
  ['owner', 'POST', '/v1/tokens', { role: 'viewer' }],
  ['owner', 'DELETE', '/v1/tokens/t0'],
  ['viewer', 'GET', '/v1/stock'],
  ['viewer', 'GET', '/v1/hosts'],
  ['viewer', 'GET', '/v1/queue'],
  ['viewer', 'GET', '/v1/catalog'],
  ['viewer', 'GET', '/v1/catalog/pip'],
  ['viewer', 'GET', '/v1/journal'],
  ['deployer', 'POST', '/v1/deployments', body],
  ['deployer', 'POST', '/v1/deployments/d0/cancel'],
  ['deployer', 'PUT', `/v1/uploads/${'0'.repeat(64)}`],
  ['owner', 'GET', '/v1/sandbox/inventory'],
  ['owner', 'GET', '/v1/sandbox/bill'],
  ['owner', 'GET', '/v1/sandbox/calls'],
  ['owner', 'POST', '/v1/sandbox/clock', {}],
  ['owner', 'POST', '/v1/sandbox/fault', {}],
  ['owner', 'POST', '/v1/sandbox/drift', {}],
  ['owner', 'POST', '/v1/sandbox/visitors', {}],
  ['owner', 'POST', '/v1/sandbox/stray', {}],
  ['owner', 'POST', '/v1/sandbox/stale', {}],
]

const RANK = { public: -1, viewer: 0, deployer: 1, owner: 2 }

describe('access', () => {
  it('is laid down for every route there is', async () => {
    const { paths } = (await use.api.inject('/openapi.json')).json() as {
      paths: Record<string, Record<string, unknown>>
    }
    const known = new Set(ROUTES.map(([, method, url]) => `${method} ${url.split('?')[0]}`))
    for (const [path, verbs] of Object.entries(paths)) {
      for (const verb of Object.keys(verbs)) {
        const pattern = new RegExp(`^${verb.toUpperCase()} ${path.replace(/\{[^}]+\}/g, '[^/]+')}$`)
        expect(
          [...known].some((route) => pattern.test(route)),
          `${verb} ${path} is not in this test`,
        ).toBe(true)
      }
    }
  })

  it.each(ROUTES)('%s may %s %s, and nobody below', async (least, method, url, payload) => {
    const ask = (headers: Record<string, string>) =>
      use.api.inject({ method, url, headers, ...(payload ? { payload } : {}) })
    const nobody = {
      none: {},
      unknown: { authorization: 'Bearer pipi_unknown' },
      expired: use.expired,
      basic: { authorization: 'Basic eDp5' },
    }
    for (const [who, headers] of Object.entries(nobody)) {
      const { statusCode } = await ask(headers)
      if (least === 'public') expect(statusCode, who).toBe(200)
      else expect(statusCode, who).toBe(401)
    }
    for (const role of ['viewer', 'deployer', 'owner'] as const) {
      const { statusCode } = await ask(use.as(role))
      if (RANK[role] < RANK[least]) expect(statusCode, role).toBe(403)
      else expect([401, 403], role).not.toContain(statusCode)
    }
  })

  it('ends at the walls of an account', async () => {
    const payload = {
      ...body,
      manifest: MANIFEST.replace('good', 'walled'),
      source: { kind: 'upload', digest: (await import('../commander/stage.ts')).DIGEST },
    }
    const made = await use.api.inject({ method: 'POST', url: '/v1/deployments', headers: use.as('deployer'), payload })
    expect(made.statusCode).toBe(202)
    const { id } = made.json<{ id: string }>()
    const other = use.as('owner', 'other')
    for (const url of [
      `/v1/deployments/${id}`,
      `/v1/deployments/${id}/story`,
      `/v1/events?deployment=${id}`,
      '/v1/workspaces/walled',
    ]) {
      expect((await use.api.inject({ url, headers: other })).statusCode, url).toBe(404)
    }
    expect(
      (await use.api.inject({ method: 'POST', url: `/v1/deployments/${id}/cancel`, headers: other })).statusCode,
    ).toBe(404)
    for (const url of ['/v1/deployments', '/v1/workspaces', '/v1/queue', '/v1/journal']) {
      expect((await use.api.inject({ url, headers: other })).json(), url).toMatchObject({ items: [] })
    }
  })
})
