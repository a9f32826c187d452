import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAccount } from '../../../platform/store/account.ts'
import { getUpload, putUpload } from '../../../platform/store/upload.ts'
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

describe('uploads', () => {
  it('are kept by their digest, per account', async () => {
    const bytes = Buffer.from('source')
    const digest = createHash('sha256').update(bytes).digest('hex')
    await putUpload(database.db, world.account, digest, bytes)
    await putUpload(database.db, world.account, digest, bytes)
    expect(Buffer.from((await getUpload(database.db, world.account, digest)) ?? [])).toEqual(bytes)
    const stranger = await openAccount(database.db, 'stranger')
    expect(await getUpload(database.db, stranger.id, digest)).toBeUndefined()
    await expect(putUpload(database.db, world.account, 'a'.repeat(64), bytes)).rejects.toMatchObject({
      code: 'input.invalid',
    })
    await expect(
      putUpload(database.db, world.account, digest, Buffer.alloc(50 * 1024 * 1024 + 1)),
    ).rejects.toMatchObject({ code: 'input.invalid' })
  })
})
