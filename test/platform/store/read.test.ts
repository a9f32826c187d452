import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accept } from '../../../platform/store/accept.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { finish } from '../../../platform/store/finish.ts'
import { getDeployment } from '../../../platform/store/get-deployment.ts'
import { journalAfter, newestSeq } from '../../../platform/store/journal-after.ts'
import { listDeployments } from '../../../platform/store/list-deployments.ts'
import { getWorkspace, listWorkspaces } from '../../../platform/store/list-workspaces.ts'
import { quota } from '../../../platform/store/quota.ts'
import { story, tellStory } from '../../../platform/store/story.ts'
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

describe('reading', () => {
  it('goes through pages, and sees its own account only', async () => {
    const own = await openTestTruth(database.db, [])
    const made = []
    for (let n = 0; n < 5; n++)
      made.push((await accept(database.db, own.request({ workspaceName: `page-${n}` }))).deployment.id)
    const first = await listDeployments(database.db, { account: own.account, limit: 3 })
    const second = await listDeployments(database.db, { account: own.account, limit: 3, cursor: first.next })
    expect([...first.items, ...second.items].map((one) => one.id)).toEqual(made.toSorted().reverse())
    expect(second.next).toBeUndefined()
    expect((await listDeployments(database.db, { account: own.account, workspace: 'page-1' })).items).toHaveLength(1)
    expect((await listDeployments(database.db, { account: own.account, status: 'failed' })).items).toEqual([])
    const names = await listWorkspaces(database.db, { account: own.account, limit: 2 })
    expect(names).toMatchObject({ items: [{ name: 'page-0' }, { name: 'page-1' }], next: 'page-1' })
    const stranger = await openAccount(database.db, 'stranger')
    const id = made[0] ?? ''
    expect(await getDeployment(database.db, stranger.id, id)).toBeUndefined()
    expect(await getWorkspace(database.db, stranger.id, 'page-0')).toBeUndefined()
    expect(await story(database.db, { account: stranger.id, deployment: id, after: 0 })).toEqual([])
    expect(await journalAfter(database.db, { account: stranger.id, deployment: id, after: 0 })).toEqual([])
    expect(await quota(database.db, stranger.id)).toEqual([])
  })

  it('never shows a later journal number before an earlier one', async () => {
    const own = await openTestTruth(database.db, [])
    const from = await newestSeq(database.db)
    let writing = true
    const seen: number[] = []
    const read = async () => {
      const last = seen.at(-1) ?? from
      seen.push(...(await journalAfter(database.db, { account: own.account, after: last })).map((record) => record.seq))
    }
    const reader = (async () => {
      while (writing) await read()
      await read()
    })()
    await Promise.all(Array.from({ length: 60 }, () => accept(database.db, own.request())))
    writing = false
    await reader
    expect(seen).toHaveLength(60)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  it('keeps the journal as it was written', async () => {
    await expect(database.db.query(`update pipi.journal set event = 'x'`)).rejects.toMatchObject({
      code: 'not-allowed',
    })
    await expect(database.db.query('delete from pipi.journal')).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(database.db.query('truncate pipi.journal')).rejects.toMatchObject({ code: 'not-allowed' })
  })

  it('numbers story and journal in one row', async () => {
    const { deployment } = await accept(database.db, world.request())
    const from = await newestSeq(database.db)
    await tellStory(database.db, world.account, deployment.id, [{ phase: 'accepted', level: 'info', text: 'hello' }])
    await finish(database.db, deployment.id, 'failed', { error: { code: 'source.unreachable', message: 'gone' } })
    const [line] = await story(database.db, { account: world.account, after: from })
    const [record] = await journalAfter(database.db, { account: world.account, after: from })
    expect(record?.seq).toBeGreaterThan(line?.seq ?? Number.POSITIVE_INFINITY)
  })
})
