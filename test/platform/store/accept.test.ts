import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accept } from '../../../platform/store/accept.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { openCloudAccount } from '../../../platform/store/cloud-account.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { nextToAssign } from '../../../platform/store/next-to-assign.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { openTestTruth, type TestTruth } from '../../helpers/truth.ts'

let database: TestDatabase
let world: TestTruth
beforeAll(async () => {
  database = await testDatabase({ connections: 20 })
  world = await openTestTruth(database.db, [{ meter: 'm', scope: '', unit: 'u', period: 'concurrent', limit: 3 }])
})
afterAll(async () => {
  await world.close()
  await database.drop()
})

describe('accepting', () => {
  it('writes deployment, workspace and journal record, and the same key twice is the same answer', async () => {
    const request = world.request({ key: 'k1', by: 'token:t1', workspaceName: 'first' })
    const one = await accept(database.db, request)
    const two = await accept(database.db, request)
    expect(one.created).toBe(true)
    expect(two).toMatchObject({ created: false, deployment: { id: one.deployment.id } })
    expect(one.deployment).toMatchObject({ workspace: 'first', status: 'accepted', attempt: 1, account: world.account })
    const records = await journalAfter(database.db, { account: world.account, deployment: one.deployment.id, after: 0 })
    expect(records).toMatchObject([{ event: 'deployment.accepted', actor: 'token:t1' }])
    await expect(accept(database.db, { ...request, region: 'elsewhere' })).rejects.toMatchObject({
      code: 'conflict.key',
    })
  })

  it('gives a storm of one key one deployment', async () => {
    const request = world.request({ key: 'storm', workspaceName: 'storm' })
    const answers = await Promise.all(Array.from({ length: 40 }, () => accept(database.db, request)))
    expect(new Set(answers.map((answer) => answer.deployment.id)).size).toBe(1)
    expect(answers.filter((answer) => answer.created)).toHaveLength(1)
  })

  it('gives two first deployments of one name one workspace, in an order', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => accept(database.db, world.request({ workspaceName: 'same' }))),
    )
    expect(new Set(answers.map((answer) => answer.deployment.workspaceId)).size).toBe(1)
    expect((await nextToAssign(database.db)).filter((next) => next.workspaceName === 'same')).toHaveLength(1)
  })

  it('refuses at once what is known to be impossible, as a deployment that ended', async () => {
    const refusal = { code: 'lock.no-carrier' as const, message: 'no', hint: 'elsewhere' }
    const { deployment } = await accept(database.db, world.request({ refusal }))
    expect(deployment).toMatchObject({ status: 'refused', refusal })
  })

  it("refuses another account's cloud account, and what stands at another engine", async () => {
    const stranger = await openAccount(database.db, 'stranger')
    await expect(accept(database.db, world.request({ account: stranger.id }))).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await openCloudAccount(database.db, world.account, {
      id: 'other-cloud',
      engine: 'dgo',
      plan: 'p',
      consentWatched: false,
    })
    await accept(database.db, world.request({ workspaceName: 'stands' }))
    await expect(
      accept(database.db, world.request({ workspaceName: 'stands', engine: 'dgo', cloudAccount: 'other-cloud' })),
    ).rejects.toMatchObject({ code: 'conflict.state' })
  })

  it('names the cloud accounts where a workspace stands at another one of the same engine', async () => {
    const { db } = database
    await openCloudAccount(db, world.account, { id: 'second', engine: 'aws', plan: 'p', consentWatched: false })
    await accept(db, world.request({ workspaceName: 'moves' }))
    const move = () => accept(db, world.request({ workspaceName: 'moves', cloudAccount: 'second' }))
    const here = `aws (cloud account ${world.cloudAccount})`
    await expect(move()).rejects.toMatchObject({ message: expect.stringContaining(`being deployed to ${here}`) })
    await db.query(`update pipi.workspaces set live = true, engine = 'aws', cloud_account = $1 where name = 'moves'`, [
      world.cloudAccount,
    ])
    await expect(move()).rejects.toMatchObject({
      message: `workspace "moves" stands on ${here}, not on aws (cloud account second)`,
    })
  })

  it('destroys only what is there, with what was deployed', async () => {
    const destroy = { kind: 'destroy' as const, manifest: undefined, source: undefined }
    await expect(accept(database.db, world.request({ ...destroy, workspaceName: 'nothing' }))).rejects.toMatchObject({
      code: 'not-found',
    })
    const { deployment } = await accept(
      database.db,
      world.request({ ...destroy, workspaceName: 'stands', engine: 'xxx', cloudAccount: 'yyy' }),
    )
    expect(deployment).toMatchObject({ kind: 'destroy', engine: 'aws', cloudAccount: world.cloudAccount })
  })

  it('suspends what runs, at the commit that runs', async () => {
    await accept(database.db, world.request({ workspaceName: 'runs' }))
    await database.db.query(
      `update pipi.workspaces set commit_sha = 'c0ffee', source = '{"kind": "git", "url": "u", "ref": "main", "path": ".", "local": true}'
        where name = 'runs'`,
    )
    const suspend = { kind: 'suspend' as const, manifest: undefined, source: undefined, workspaceName: 'runs' }
    const { deployment } = await accept(database.db, world.request(suspend))
    const rows = await database.db.query('select source from pipi.deployments where id = $1', [deployment.id])
    expect(rows).toMatchObject([{ source: { ref: 'main', commit: 'c0ffee' } }])
  })
})
