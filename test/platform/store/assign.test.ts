import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accept } from '../../../platform/store/accept.ts'
import { assign, assignedNotTaken, sayWaiting } from '../../../platform/store/assign.ts'
import { journalAfter, newestSeq } from '../../../platform/store/journal-after.ts'
import { nextToAssign } from '../../../platform/store/next-to-assign.ts'
import { openDeployments } from '../../../platform/store/open-deployments.ts'
import { stock } from '../../../platform/store/stock.ts'
import { databaseOfTest, type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
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

describe('assigning', () => {
  it('goes workspace by workspace in order, and accounts take turns', async () => {
    const { db } = await databaseOfTest()
    const big = await openTestTruth(db, [])
    const small = await openTestTruth(db, [])
    const first = await accept(db, big.request({ workspaceName: 'one' }))
    await accept(db, big.request({ workspaceName: 'one' }))
    for (let n = 0; n < 5; n++) await accept(db, big.request())
    await accept(db, small.request())
    const next = await nextToAssign(db)
    expect(next).toHaveLength(7)
    expect(next.slice(0, 2).map((one) => one.account)).toEqual([big.account, small.account])
    expect(await assign(db, first.deployment.id)).toBe(true)
    expect(await assign(db, first.deployment.id)).toBe(false)
    expect((await nextToAssign(db)).some((one) => one.workspaceName === 'one')).toBe(false)
    expect((await nextToAssign(db))[0]?.account).toBe(small.account)
    expect(await assignedNotTaken(db, 0)).toMatchObject([{ id: first.deployment.id }])
    expect(await assignedNotTaken(db, 60_000)).toEqual([])
    const queue = await openDeployments(db, big.account)
    expect(queue).toHaveLength(7)
    expect(queue.find((one) => one.waitingFor?.startsWith('an earlier deployment of this workspace'))).toMatchObject({
      workspace: 'one',
    })
    expect(await stock(db)).toMatchObject([{ engine: 'aws', waiting: 7, running: 0 }])
    const truth = big.engine('c')
    await truth.take(first.deployment.id)
    expect(await stock(db)).toMatchObject([{ engine: 'aws', waiting: 6, running: 1 }])
    expect((await openDeployments(db, big.account))[0]).toMatchObject({ id: first.deployment.id, position: null })
    await big.close()
  })

  it('assigns each once, however many commanders do it at the same time', async () => {
    const { db } = await databaseOfTest()
    const own = await openTestTruth(db, [])
    for (let n = 0; n < 12; n++) await accept(db, own.request())
    const commander = async () => {
      const mine: string[] = []
      for (const { id } of await nextToAssign(db)) if (await assign(db, id)) mine.push(id)
      return mine
    }
    const assigned = (await Promise.all([commander(), commander(), commander()])).flat()
    expect(assigned).toHaveLength(12)
    expect(new Set(assigned).size).toBe(12)
    await own.close()
  })

  it('says what a deployment waits for, once', async () => {
    const { deployment } = await accept(database.db, world.request())
    const from = await newestSeq(database.db)
    await sayWaiting(database.db, deployment.id, 'a free engine')
    await sayWaiting(database.db, deployment.id, 'a free engine')
    expect(await journalAfter(database.db, { account: world.account, after: from })).toMatchObject([
      { event: 'deployment.waiting', data: { waitingFor: 'a free engine' } },
    ])
  })
})
