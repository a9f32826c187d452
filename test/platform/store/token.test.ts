import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticate, createToken, revokeToken } from '../../../platform/store/token.ts'
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

describe('tokens', () => {
  it('are known by their digest, speak for one account with one role, and end', async () => {
    const { id, secret } = await createToken(database.db, { account: world.account, role: 'deployer' })
    expect(await authenticate(database.db, secret)).toMatchObject({
      token: id,
      account: world.account,
      role: 'deployer',
    })
    expect(await authenticate(database.db, `${secret}x`)).toBeUndefined()
    const expired = await createToken(database.db, {
      account: world.account,
      role: 'viewer',
      expiresAt: new Date(Date.now() - 1000),
    })
    expect(await authenticate(database.db, expired.secret)).toBeUndefined()
    const own = await createToken(database.db, { account: world.account, role: 'owner', secret: 's'.repeat(40) })
    expect((await createToken(database.db, { account: world.account, role: 'owner', secret: 's'.repeat(40) })).id).toBe(
      own.id,
    )
    expect(await revokeToken(database.db, world.account, id)).toBe(true)
    expect(await authenticate(database.db, secret)).toBeUndefined()
    const dump = JSON.stringify(await database.db.query('select * from pipi.tokens'))
    expect(dump).not.toContain(secret)
  })
})
