import { checks } from '../../stacks/toolchain/doctor.ts'
import { childEnvironment, readSettings } from '../config.ts'

export interface CheckResult {
  name: string
  ok: boolean
  found: string
  wanted: string
  remedy: string
}

/** Runs every check side by side; the order is that in which things are needed. */
export async function runChecks(data: string | undefined): Promise<CheckResult[]> {
  const settings = readSettings({ data })
  const all = checks({
    dataDir: settings.data,
    cacheDir: settings.cache,
    port: settings.port,
    environment: childEnvironment(),
    managedDatabase: settings.databaseUrl !== undefined,
  })
  return await Promise.all(all.map(async (check) => ({ name: check.name, ...(await check.run()) })))
}
