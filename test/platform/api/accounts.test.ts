import { describe, expect, it } from 'vitest'
import { useApi } from './stage.ts'

const use = useApi()

interface Answer {
  status: number
  body: { id: string; secret: string; token: { id: string; secret: string }; items: Record<string, unknown>[] }
}
type Headers = Record<string, string>
const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` })

async function ask(
  headers: Headers,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  payload?: object,
): Promise<Answer> {
  const response = await use.api.inject({ method, url, headers, ...(payload ? { payload } : {}) })
  return { status: response.statusCode, body: response.body === '' ? ({} as Answer['body']) : response.json() }
}
const open = (headers: Headers, name: string) => ask(headers, 'POST', '/v1/accounts', { name })

describe('an account of the platform', () => {
  it("is opened by the platform's owner alone, with a token that is given once and lets in as it", async () => {
    expect((await open(use.as('owner', 'other'), 'lab')).status).toBe(403)
    const { status, body } = await open(use.as('owner'), 'lab')
    expect(status).toBe(201)
    const lab = bearer(body.token.secret)
    const mine = await ask(lab, 'GET', '/v1/accounts')
    expect(mine.body.items).toMatchObject([{ id: body.id, name: 'lab' }])
    const all = await ask(use.as('owner'), 'GET', '/v1/accounts')
    expect(all.body.items.length).toBeGreaterThan(1)
    expect((await ask(lab, 'GET', '/v1/tokens')).body.items).toMatchObject([
      { id: body.token.id, role: 'owner', expires: null, revoked: null },
    ])
    for (const said of [all, await ask(lab, 'GET', '/v1/tokens'), await ask(lab, 'GET', '/v1/journal')])
      expect(JSON.stringify(said)).not.toContain(body.token.secret)
  })

  it('is opened once by a name, which is never a way out of a folder', async () => {
    expect((await open(use.as('owner'), 'twice')).status).toBe(201)
    expect(await open(use.as('owner'), 'twice')).toMatchObject({ status: 409, body: { code: 'name.taken' } })
    for (const name of ['../up', '.hidden', 'a/b', '', 'with space'])
      expect((await open(use.as('owner'), name)).status, name).toBe(422)
  })

  it('makes and revokes tokens of its own, and of another only where it is the owner of the platform', async () => {
    const lab = bearer((await open(use.as('owner'), 'maker')).body.token.secret)
    const made = await ask(lab, 'POST', '/v1/tokens', { role: 'viewer', note: 'a board', days: 1 })
    expect(made.status).toBe(201)
    const viewer = bearer(made.body.secret)
    expect((await ask(viewer, 'GET', '/v1/workspaces')).status).toBe(200)
    for (const [method, url, payload] of [
      ['GET', '/v1/tokens?account=maker'],
      ['POST', '/v1/tokens?account=maker', { role: 'owner' }],
      ['DELETE', `/v1/tokens/${made.body.id}?account=maker`],
    ] as const)
      expect((await ask(use.as('owner', 'other'), method, url, payload)).status, `${method} ${url}`).toBe(403)
    // Nor by its id alone.
    expect((await ask(use.as('owner', 'other'), 'DELETE', `/v1/tokens/${made.body.id}`)).status).toBe(404)
    expect((await ask(viewer, 'GET', '/v1/workspaces')).status).toBe(200)

    const byOwner = await ask(use.as('owner'), 'POST', '/v1/tokens?account=maker', { role: 'deployer' })
    expect((await ask(bearer(byOwner.body.secret), 'GET', '/v1/workspaces')).status).toBe(200)
    expect((await ask(lab, 'DELETE', `/v1/tokens/${made.body.id}`)).status).toBe(204)
    expect((await ask(viewer, 'GET', '/v1/workspaces')).status).toBe(401)
    const { items } = (await ask(lab, 'GET', '/v1/tokens')).body
    expect(items.find((one) => one.id === made.body.id)).toMatchObject({ note: 'a board', revoked: expect.any(String) })
  })

  it('cannot shut itself out: the token that asks is not revoked', async () => {
    const { token } = (await open(use.as('owner'), 'careful')).body
    expect(await ask(bearer(token.secret), 'DELETE', `/v1/tokens/${token.id}`)).toMatchObject({
      ...{ status: 409, body: { code: 'conflict.state' } },
    })
    expect((await ask(bearer(token.secret), 'GET', '/v1/tokens')).status).toBe(200)
  })

  it('has all of it in its journal, by whom, and the platform’s owner has that it was opened', async () => {
    const { id, token } = (await open(use.as('owner'), 'told')).body
    const lab = bearer(token.secret)
    const made = (await ask(lab, 'POST', '/v1/tokens', { role: 'viewer' })).body
    await ask(lab, 'DELETE', `/v1/tokens/${made.id}`)
    const told = (await ask(lab, 'GET', '/v1/journal')).body.items
    expect(told).toMatchObject([
      { account: id, event: 'account.opened', data: { name: 'told', token: token.id } },
      { actor: token.id, event: 'token.added', data: { token: made.id, role: 'viewer' } },
      { actor: token.id, event: 'token.revoked', data: { token: made.id } },
    ])
    const owners = (await ask(use.as('owner'), 'GET', '/v1/journal?limit=1000')).body.items
    expect(owners).toContainEqual(expect.objectContaining({ event: 'account.opened', actor: told[0]?.actor }))
  })
})
