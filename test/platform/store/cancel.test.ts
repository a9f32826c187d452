import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accept } from '../../../platform/store/accept.ts'
import { openAccount } from '../../../platform/store/account.ts'
import { assign } from '../../../platform/store/assign.ts'
import { getDeployment } from '../../../platform/store/get-deployment.ts'
import { journalAfter } from '../../../platform/store/journal-after.ts'
import { requestCancel } from '../../../platform/store/request-cancel.ts'
import { supersede } from '../../../platform/store/supersede.ts'
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

describe('cancelling and superseding', () => {
  it('ends at once what nobody has begun, and asks the engine else', async () => {
    const { deployment } = await accept(database.db, world.request())
    expect(await requestCancel(database.db, world.account, deployment.id, 'token:x')).toBe('cancelled')
    expect(await requestCancel(database.db, world.account, deployment.id)).toBe('cancelled')
    const [record] = (
      await journalAfter(database.db, { account: world.account, deployment: deployment.id, after: 0 })
    ).slice(-1)
    expect(record).toMatchObject({ event: 'deployment.cancelled', actor: 'token:x' })
    const stranger = await openAccount(database.db, 'stranger')
    await expect(requestCancel(database.db, stranger.id, deployment.id)).rejects.toMatchObject({ code: 'not-found' })
    expect(await assign(database.db, deployment.id)).toBe(false)
  })

  it('lets a newer push of the same ref replace the older ones that wait, and those only', async () => {
    const push = (ref: string) => accept(database.db, world.request({ workspaceName: 'pushed', ref }))
    const [begun, old, other, newest] = [await push('main'), await push('main'), await push('dev'), await push('main')]
    await assign(database.db, begun.deployment.id)
    expect(await supersede(database.db, newest.deployment.id)).toEqual([old.deployment.id])
    expect(await getDeployment(database.db, world.account, other.deployment.id)).toMatchObject({ status: 'accepted' })
    expect(await getDeployment(database.db, world.account, old.deployment.id)).toMatchObject({ status: 'superseded' })
  })
})
