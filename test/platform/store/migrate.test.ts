import { expect, it } from 'vitest'
import { migrate } from '../../../platform/store/migrate.ts'
import { databaseOfTest } from '../../helpers/postgres.ts'

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
