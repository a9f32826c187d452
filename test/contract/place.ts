import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../engines/contract/engine.ts'
import { sandboxModuleOf } from '../../engines/scan.ts'
import { migrate } from '../../platform/store/migrate.ts'
import { type Database, openStore } from '../../platform/store/open.ts'
import { startServer } from '../../platform/store/server/start.ts'
import { type Sandbox, startSandbox } from '../../stacks/sandbox/start.ts'

/** What a contract test stands on: a folder, a database with an empty ledger, and the engine's simulated platform. */
export interface Place {
  folder: string
  db: Database
  sandbox: Sandbox
}

/** Opens a place for one run; everything is gone afterwards, whatever happens. */
export async function inPlace<T>(engine: Engine, cache: string, run: (place: Place) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pipi-contract-'))
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const server = await startServer({ data: join(folder, 'postgres'), cache, durable: false })
    closing.push(() => server.stop())
    const db = openStore(server.url, { connections: 4 })
    closing.push(() => db.close())
    await migrate(db)
    const { cloudAccount = '', plan = '' } = engine.dna.sandbox ?? {}
    const sandbox = await startSandbox({
      databaseUrl: server.url,
      dataFolder: join(folder, 'sandbox'),
      clouds: [
        { engine: engine.dna.code, module: sandboxModuleOf(engine) ?? '', cloudAccount: { id: cloudAccount, plan } },
      ],
      adminToken: randomBytes(24).toString('base64url'),
      idleMs: 60_000,
    })
    closing.push(() => sandbox.stop())
    return await run({ folder, db, sandbox })
  } finally {
    for (const close of closing.reverse()) await close()
  }
}
