import { beforeAll, describe, expect, it } from 'vitest'
import type { EngineTruth, Order } from '../../../factory/contract/truth.ts'
import { assign } from '../../../platform/store/assign.ts'
import { engineAccess } from '../../../platform/store/engine-access.ts'
import { openEngineTruth } from '../../../platform/store/engine-truth.ts'
import { DIGEST } from '../commander/stage.ts'
import { useApi } from './stage.ts'

const use = useApi()

const MANIFEST = `apiVersion: pipi/v1
name: set
components:
  - { name: api, kind: service, env: { SIZE: small, KEPT: as it was } }
  - { name: web, kind: site }
`

let truth: EngineTruth
beforeAll(async () => {
  const { url } = await engineAccess(use.database.db, 'abc')
  truth = openEngineTruth({ url, clone: 'abc-1', key: Buffer.alloc(32, 1) })
  return () => truth.close()
})

const as = (role: 'viewer' | 'deployer' = 'deployer') => ({ headers: use.as(role) })
const put = (key: string, body: object, name = 'set') =>
  use.api.inject({ method: 'PUT', url: `/v1/workspaces/${name}/config/${key}`, ...as(), payload: body })
const unset = (key: string, of = '') =>
  use.api.inject({ method: 'DELETE', url: `/v1/workspaces/set/config/${key}${of}`, ...as() })
const shown = async () => {
  const answer = await use.api.inject({ method: 'GET', url: '/v1/workspaces/set/config', ...as('viewer') })
  const { items } = answer.json<{
    items: { component: string; name: string; value?: string; from?: string; deployed?: string }[]
  }>()
  return items.map(({ component, name, value, from, deployed }) => [component, name, value, from, deployed])
}

/** Asks for it and takes it as its engine would. */
async function taken(body: object): Promise<Order> {
  const sent = await use.api.inject({ method: 'POST', url: '/v1/deployments', ...as(), payload: body })
  expect(sent.statusCode, sent.body).toBe(202)
  const { id } = sent.json<{ id: string }>()
  await assign(use.database.db, id)
  const order = await truth.take(id)
  if (order === null) throw new Error('it was not taken')
  return order
}

async function settled(order: Order): Promise<Record<string, Record<string, string>>> {
  for (const to of ['planning', 'reserving', 'applying'] as const) await truth.advance(order, to)
  await truth.settle(order, { status: 'succeeded', resources: [{ urn: 'u', type: 't', id: 'i', amounts: [] }] })
  return Object.fromEntries(order.manifest.components.map(({ name, env }) => [name, env]))
}

const deploy = async () =>
  settled(
    await taken({ kind: 'deploy', manifest: MANIFEST, source: { kind: 'upload', digest: DIGEST }, engine: 'abc' }),
  )

describe('the configuration of a workspace', () => {
  it('may be there before the workspace, and is shown under what it was set for', async () => {
    expect((await put('SIZE', { value: 'for all' })).json()).toMatchObject({ component: '*', from: 'workspace' })
    expect(await shown()).toEqual([['*', 'SIZE', 'for all', 'workspace', undefined]])
  })

  it('wins over the manifest at the next deployment, and that of one component over the one for all', async () => {
    await put('SIZE', { value: 'large', component: 'api' })
    expect(await deploy()).toEqual({ api: { SIZE: 'large', KEPT: 'as it was' }, web: { SIZE: 'for all' } })
    await put('KEPT', { value: 'otherwise', component: 'api' })
    expect(await shown()).toEqual([
      ['api', 'KEPT', 'otherwise', 'component', 'as it was'],
      ['api', 'SIZE', 'large', 'component', 'large'],
      ['web', 'SIZE', 'for all', 'workspace', 'for all'],
    ])
    expect(await deploy()).toMatchObject({ api: { KEPT: 'otherwise' } })
  })

  it('is what it was in what only looks at what stands', async () => {
    await put('SIZE', { value: 'huge', component: 'api' })
    const order = await taken({ kind: 'refresh', workspace: 'set' })
    expect(await settled(order)).toMatchObject({ api: { SIZE: 'large', KEPT: 'otherwise' } })
  })

  it('goes back with a rollback, exactly, and stays so with the next deployment', async () => {
    const back = await taken({ kind: 'rollback', workspace: 'set', to: 1 })
    expect(await settled(back)).toEqual({ api: { SIZE: 'large', KEPT: 'as it was' }, web: { SIZE: 'for all' } })
    expect(await shown()).toEqual([
      ['api', 'KEPT', 'as it was', 'manifest', 'as it was'],
      ['api', 'SIZE', 'large', 'component', 'large'],
      ['web', 'SIZE', 'for all', 'workspace', 'for all'],
    ])
    // What was set since the rollback was asked for stays: somebody wants it.
    const again = await taken({ kind: 'rollback', workspace: 'set', to: 2 })
    await put('KEPT', { value: 'set meanwhile', component: 'api' })
    expect(await settled(again)).toMatchObject({ api: { KEPT: 'otherwise' } })
    expect(await shown()).toContainEqual(['api', 'KEPT', 'set meanwhile', 'component', 'otherwise'])
    // And so does what was taken back since.
    await unset('KEPT', '?component=api')
    await settled(await taken({ kind: 'rollback', workspace: 'set', to: 2 }))
    const last = await taken({ kind: 'rollback', workspace: 'set', to: 2 })
    expect((await unset('KEPT', '?component=api')).statusCode).toBe(204)
    await settled(last)
    expect(await shown()).toContainEqual(['api', 'KEPT', 'as it was', 'manifest', 'otherwise'])
  })

  it('is taken back by name, and then what the manifest says holds', async () => {
    expect((await unset('SIZE', '?component=api')).statusCode).toBe(204)
    expect((await unset('SIZE', '?component=api')).statusCode).toBe(404)
    expect((await unset('SIZE')).statusCode).toBe(204)
    expect(await shown()).toContainEqual(['api', 'SIZE', 'small', 'manifest', 'large'])
    expect(await shown()).toContainEqual(['web', 'SIZE', undefined, undefined, 'for all'])
    expect(await deploy()).toMatchObject({ api: { SIZE: 'small' }, web: {} })
  })

  it('is no place for secrets, for nonsense, or for another account', async () => {
    const secret = { method: 'PUT', url: '/v1/workspaces/set/secrets/KEY', ...as(), payload: { value: 'x' } } as const
    expect((await use.api.inject(secret)).statusCode).toBe(200)
    expect((await put('KEY', { value: 'y' })).json()).toMatchObject({ code: 'conflict.state' })
    expect((await put('size', { value: 'y' })).statusCode).toBe(422)
    expect((await put('SIZE', { value: 'y\0' })).statusCode).toBe(422)
    expect((await put('SIZE', { value: 'y'.repeat(4097) })).statusCode).toBe(422)
    const other = await use.api.inject({ url: '/v1/workspaces/set/config', headers: use.as('owner', 'other') })
    expect(other.statusCode).toBe(404)
  })
})
