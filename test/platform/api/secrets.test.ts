import { describe, expect, it } from 'vitest'
import { sealerOf } from '../../../platform/start/seal.ts'
import { assign } from '../../../platform/store/assign.ts'
import { engineKey } from '../../../platform/store/engine-key.ts'
import { openForEngine, openSecret, sealForEngine, sealSecret } from '../../../platform/store/secret-seal.ts'
import { DIGEST, MANIFEST } from '../commander/stage.ts'
import { useApi } from './stage.ts'

const use = useApi()
const MASTER = Buffer.alloc(32, 7)
const CANARY = 'canary-secret-of-the-api'
const put = (name: string, secret: string, value: unknown, role: 'deployer' | 'viewer' = 'deployer') =>
  use.api.inject({
    ...{ method: 'PUT', url: `/v1/workspaces/${name}/secrets/${secret}`, headers: use.as(role) },
    payload: { value },
  })
const list = (name: string, headers = use.as('viewer')) =>
  use.api.inject({ method: 'GET', url: `/v1/workspaces/${name}/secrets`, headers })

describe('a secret of a workspace', () => {
  it('goes in before the first deployment, and never comes out', async () => {
    const set = await put('lab', 'API_KEY', CANARY)
    expect(set.json()).toMatchObject({ name: 'API_KEY', setBy: expect.stringMatching(/^t/), neededBy: [] })
    const listed = await list('lab')
    expect(listed.json()).toMatchObject({ items: [{ name: 'API_KEY', setAt: expect.any(String) }] })
    const journal = await use.api.inject({ url: '/v1/journal', headers: use.as('viewer') })
    expect(journal.body).toContain('secret.set')
    for (const { body } of [set, listed, journal]) expect(body).not.toContain(CANARY)
  })

  it('lies in the database sealed only, and opens for its own workspace and name only', async () => {
    const [row] = await use.database.db.query<{ workspace: string; sealed: Buffer }>(
      'select workspace, sealed from pipi.secrets',
    )
    if (!row) throw new Error('no secret was kept')
    expect(row.sealed.includes(CANARY)).toBe(false)
    expect(openSecret(MASTER, row.workspace, 'API_KEY', row.sealed)).toBe(CANARY)
    const wrong = [
      () => openSecret(MASTER, row.workspace, 'OTHER', row.sealed),
      () => openSecret(MASTER, 'w-other', 'API_KEY', row.sealed),
      () => openSecret(Buffer.alloc(32, 8), row.workspace, 'API_KEY', row.sealed),
    ]
    for (const open of wrong) expect(open).toThrow(expect.objectContaining({ code: 'conflict.state' }))
    expect(sealSecret(MASTER, 'w', 'A', 'x')).not.toEqual(sealSecret(MASTER, 'w', 'A', 'x'))
  })

  it('is named by nobody’s error', async () => {
    const refused = [
      await put('lab', 'API_KEY', CANARY.repeat(1000)),
      await put('lab', 'API_KEY', { inside: CANARY }),
      await put('lab', 'api-key', CANARY),
      await put('lab', 'API_KEY', CANARY, 'viewer'),
    ]
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([422, 422, 422, 403])
    for (const { body } of refused) expect(body).not.toContain('canary')
    expect(use.faults.join()).not.toContain('canary')
  })

  it('is another account’s affair neither to see nor to set', async () => {
    expect((await list('lab', use.as('owner', 'other'))).statusCode).toBe(404)
    const theirs = await use.api.inject({
      ...{ method: 'PUT', url: '/v1/workspaces/lab/secrets/THEIRS', headers: use.as('owner', 'other') },
      payload: { value: 'x' },
    })
    expect(theirs.statusCode).toBe(200)
    expect((await list('lab')).body).not.toContain('THEIRS')
  })

  it('is asked for at the door: a manifest that names one that is not there is told so with its place', async () => {
    const manifest = `${MANIFEST.replace('name: good', 'name: lab').replace('kind: site', 'kind: service')}    secrets: [API_KEY, MISSING]\n`
    const source = { kind: 'upload', digest: DIGEST }
    const answer = await use.api.inject({
      ...{ method: 'POST', url: '/v1/deployments', headers: use.as('deployer') },
      payload: { kind: 'deploy', manifest, source, engine: 'abc' },
    })
    expect(answer.json()).toMatchObject({
      code: 'manifest.invalid',
      problems: [
        {
          ...{ path: 'components[0].secrets[1]', line: 6, message: 'workspace "lab" has no secret MISSING' },
          allowed: './pipi secret set lab MISSING',
        },
      ],
    })
  })

  it('reaches the engine of a deployment sealed for it alone, and is gone from there with its end', async () => {
    const { db } = use.database
    const manifest = MANIFEST.replace('name: good', 'name: lab')
    const sent = await use.api.inject({
      ...{ method: 'POST', url: '/v1/deployments', headers: use.as('deployer') },
      payload: { kind: 'deploy', manifest, source: { kind: 'upload', digest: DIGEST }, engine: 'abc' },
    })
    const { id, workspaceId } = sent.json<{ id: string; workspaceId: string }>()
    const seal = sealerOf(db, MASTER, () => undefined, { doorFor: async () => ({ open: true }) })
    const place = { account: use.stage.account, cloudAccount: 'abc-account' }
    const sealed = await seal({ id, ...place, engine: 'abc', workspace: workspaceId, kind: 'deploy' })
    expect(await assign(db, id, 'secrets' in sealed ? sealed : {})).toBe(true)
    const kept = async () =>
      (await db.query<{ sealed: Buffer | null }>('select sealed from pipi.deployments where id = $1', [id]))[0]?.sealed
    const there = (await kept()) as Buffer
    expect(openForEngine(engineKey(MASTER, 'abc'), id, there)).toEqual({ API_KEY: CANARY })
    expect(() => openForEngine(engineKey(MASTER, 'xyz'), id, there)).toThrow()
    expect(() => openForEngine(engineKey(MASTER, 'abc'), 'd-other', there)).toThrow()
    expect(sealForEngine(engineKey(MASTER, 'abc'), id, {})).not.toEqual(there)
    await db.query(`update pipi.deployments set status = 'cancelled' where id = $1`, [id])
    expect(await kept()).toBeNull()
  })

  it('is taken away by name', async () => {
    const remove = () =>
      use.api.inject({ method: 'DELETE', url: '/v1/workspaces/lab/secrets/API_KEY', headers: use.as('deployer') })
    expect((await remove()).statusCode).toBe(204)
    expect((await remove()).statusCode).toBe(404)
    expect((await list('lab')).json()).toEqual({ items: [] })
  })
})
