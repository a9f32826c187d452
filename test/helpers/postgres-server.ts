import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { startServer } from '../../platform/store/server/start.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** One throw-away server per run; `test/helpers/postgres.ts` makes databases in it. */
    postgresUrl: string
  }
}

/** Vitest's global setup: one PostgreSQL for the whole run, not durable, gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pipi-test-postgres-'))
  const cache = path.join(process.getuid?.() === 0 ? '/var/cache' : tmpdir(), 'pipi-engines')
  const server = await startServer({ data: folder, cache, durable: false })
  project.provide('postgresUrl', server.url)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
