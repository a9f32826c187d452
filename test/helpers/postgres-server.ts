import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrate } from '../../platform/store/migrate.ts'
import { openStore } from '../../platform/store/open.ts'
import { startServer } from '../../platform/store/server/start.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** One throw-away server per run; `test/helpers/postgres.ts` makes databases in it. */
    postgresUrl: string
    /** A migrated database there that others are copied from. */
    postgresTemplate: string
  }
}

/** Vitest's global setup: one PostgreSQL for the whole run, not durable, gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pipi-test-postgres-'))
  const cache = path.join(process.getuid?.() === 0 ? '/var/cache' : tmpdir(), 'pipi-engines')
  const server = await startServer({ data: folder, cache, durable: false })
  project.provide('postgresUrl', server.url)
  project.provide('postgresTemplate', await makeTemplate(server.url))
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeTemplate(serverUrl: string): Promise<string> {
  const name = 'migrated'
  const admin = openStore(serverUrl, { connections: 1 })
  await admin.query(`create database ${name}`)
  await admin.close()
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const db = openStore(url.href, { connections: 1 })
  await migrate(db)
  await db.close()
  return name
}
