import { afterAll, beforeAll, expect, it } from 'vitest'
import { FINAL, isFinal, STATUSES, TRANSITIONS } from '../../../factory/contract/status.ts'
import { accept } from '../../../platform/store/accept.ts'
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

it('enforces every cell of the table of transitions', async () => {
  const { deployment } = await accept(database.db, world.request())
  for (const from of STATUSES) {
    for (const to of STATUSES) {
      if (from === to) continue
      const attempt = database.db.transaction(async (tx) => {
        // Past the rules, to stand in `from`; undone with the transaction.
        await tx.query('alter table pipi.deployments disable trigger user')
        await tx.query(
          `update pipi.deployments set status = $2, finished_at = case when $3 then now() end where id = $1`,
          [deployment.id, from, isFinal(from)],
        )
        await tx.query('alter table pipi.deployments enable trigger user')
        await tx.query('update pipi.deployments set status = $2 where id = $1', [deployment.id, to])
        throw new Error('legal')
      })
      await expect(attempt, `${from} -> ${to}`).rejects.toThrow(
        TRANSITIONS[from].includes(to) ? /legal/ : /cannot go from/,
      )
    }
  }
  expect(FINAL.every((status) => TRANSITIONS[status].length === 0)).toBe(true)
})
