import { expect, it } from 'vitest'
import { openStore } from '../../../platform/store/open.ts'
import { databaseOfTest } from '../../helpers/postgres.ts'

it('a statement without an answer ends as "the platform is busy", and the next one is answered', async () => {
  const { url } = await databaseOfTest({ migrated: false })
  const db = openStore(url, { connections: 1, answerMs: 300 })
  try {
    const hanging = { code: 'platform.busy', message: expect.stringContaining('does not answer') }
    await expect(db.query('select pg_sleep(60)')).rejects.toMatchObject(hanging)
    await expect(db.transaction((tx) => tx.query('select pg_sleep(60)'))).rejects.toMatchObject(hanging)
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  } finally {
    await db.close()
  }
})
