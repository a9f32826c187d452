import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Engine } from '../../engines/contract/engine.ts'
import { sandboxModuleOf } from '../../engines/scan.ts'
import { type Sandbox, startSandbox } from '../../stacks/sandbox/start.ts'
import { type TestDatabase, testDatabase } from '../helpers/postgres.ts'
import { tempFolder } from '../helpers/temp.ts'

export interface Clouds {
  sandbox: Sandbox
  close(): Promise<void>
}

/** The simulated clouds of some engines in this process; `in place of`: another module for one of them. */
export async function startClouds(engines: readonly Engine[], inPlaceOf: Record<string, string> = {}): Promise<Clouds> {
  const database: TestDatabase = await testDatabase({ migrated: false })
  const sandbox = await startSandbox({
    databaseUrl: database.url,
    dataFolder: join(await tempFolder('clouds'), 'sandbox'),
    clouds: engines.flatMap((engine) => {
      const { code, sandbox: account } = engine.dna
      const other = inPlaceOf[code]
      const module = other === undefined ? sandboxModuleOf(engine) : pathToFileURL(other).href
      if (module === undefined || account === undefined) return []
      return [{ engine: code, module, cloudAccount: { id: account.cloudAccount, plan: account.plan } }]
    }),
    adminToken: randomBytes(24).toString('base64url'),
    idleMs: 60_000,
  })
  return {
    sandbox,
    close: async () => {
      await sandbox.stop()
      await database.drop()
    },
  }
}
