import { describe, expect, it } from 'vitest'
import { checkKey } from '../../../platform/store/check-key.ts'
import { databaseOfTest } from '../../helpers/postgres.ts'

describe('the master key', () => {
  it('is the one that the database was made with, or the platform does not start', async () => {
    const { db } = await databaseOfTest()
    const key = Buffer.alloc(32, 1)
    await checkKey(db, key)
    await checkKey(db, key)
    await expect(checkKey(db, Buffer.alloc(32, 2))).rejects.toMatchObject({
      code: 'conflict.state',
      hint: expect.stringContaining('PIPI_MASTER_KEY'),
    })
    const [row] = await db.query<{ value: string }>('select value from pipi.settings')
    expect(row?.value).not.toContain(key.toString('hex').slice(0, 16))
  })
})
