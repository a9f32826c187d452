import { expect, it } from 'vitest'
import { assign } from '../../../platform/store/assign.ts'
import { getDeployment } from '../../../platform/store/get-deployment.ts'
import { migrate } from '../../../platform/store/migrate.ts'
import { databaseOfTest } from '../../helpers/postgres.ts'
import { openTestTruth } from '../../helpers/truth.ts'

it('brings an empty database to this version, and does nothing the second time', async () => {
  const { db } = await databaseOfTest({ migrated: false })
  const first = await migrate(db)
  expect(first.applied).toContain('migrations/0001-schema.sql')
  expect(await migrate(db)).toEqual({ applied: [] })
})

it('lets several platforms start on one database at once', async () => {
  const { db } = await databaseOfTest({ migrated: false })
  const results = await Promise.all([migrate(db), migrate(db), migrate(db)])
  expect(results.filter((result) => result.applied.length > 0)).toHaveLength(1)
})

it('refuses a migration that was changed after it had been applied', async () => {
  const { db } = await databaseOfTest()
  await db.query(`update pipi.migrations set checksum = 'other' where name = 'migrations/0001-schema.sql'`)
  await expect(migrate(db)).rejects.toMatchObject({ code: 'conflict.state' })
})

it('refuses a database that a newer version has opened', async () => {
  const { db } = await databaseOfTest()
  await db.query(`insert into pipi.migrations (name, checksum) values ('migrations/9999-future.sql', 'x')`)
  await expect(migrate(db)).rejects.toMatchObject({ code: 'conflict.state' })
})

it('replaces a function whose text has changed', async () => {
  const { db } = await databaseOfTest()
  await db.query(`update pipi.migrations set checksum = 'older' where name = 'functions/write_journal.sql'`)
  expect(await migrate(db)).toEqual({ applied: ['functions/write_journal.sql'] })
})

it('has what was assigned without credentials assigned once more, and a job that was left over starts nothing', async () => {
  const { db } = await databaseOfTest()
  const world = await openTestTruth(db, [])
  const begun = await world.taken(world.engine('aws-1'))
  const { id } = await world.assigned()
  // As the version before left it.
  await db.query(`delete from pipi.migrations where name = 'migrations/0008-who-may-say-what.sql'`)
  await db.query(
    `alter table pipi.account_clouds drop column terms; alter table pipi.claims drop column changed_at;
     alter table pipi.workspaces drop column config_changed_at`,
  )
  await migrate(db)
  const truth = world.engine('aws-2')
  const status = async (of: string) => (await getDeployment(db, world.account, of))?.status
  expect([await status(id), await status(begun.deployment)]).toEqual(['accepted', 'assigned'])
  expect(await truth.take(id)).toBeNull()
  await assign(db, id)
  expect(await truth.take(id)).toMatchObject({ deployment: id })
  await world.close()
})
