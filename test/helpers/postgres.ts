import { randomBytes } from 'node:crypto'
import { inject, onTestFinished } from 'vitest'
import { type Database, openStore } from '../../platform/store/open.ts'

export interface TestDatabase {
  url: string
  db: Database
  /** Closes what the helper opened and drops the database with its roles. */
  drop(): Promise<void>
}

/**
 * A database of its own on the run's server, migrated unless asked otherwise. Dropped with `drop()`: in `afterAll` for
 * one that a file's tests share.
 */
export async function testDatabase(options: { migrated?: boolean; connections?: number } = {}): Promise<TestDatabase> {
  const serverUrl = inject('postgresUrl')
  const name = `t_${randomBytes(6).toString('hex')}`
  const admin = openStore(serverUrl, { connections: 1 })
  const template = (options.migrated ?? true) ? ` template ${inject('postgresTemplate')}` : ''
  await admin.query(`create database ${name}${template}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const db = openStore(url.href, options.connections === undefined ? {} : { connections: options.connections })
  return {
    url: url.href,
    db,
    drop: async () => {
      await db.close()
      await admin.query(`drop database if exists ${name} with (force)`)
      const roles = await admin.query<{ rolname: string }>(`select rolname from pg_roles where rolname like $1`, [
        `${name}\\_%`,
      ])
      for (const { rolname } of roles) await admin.query(`drop role ${rolname}`)
      await admin.close()
    },
  }
}

/** As `testDatabase`, dropped when the running test has finished. */
export async function databaseOfTest(
  options: { migrated?: boolean; connections?: number } = {},
): Promise<TestDatabase> {
  const made = await testDatabase(options)
  onTestFinished(() => made.drop())
  return made
}
