import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { SandboxSettingsInput } from '../../../stacks/sandbox/settings.ts'
import { writeZip } from '../../../stacks/sandbox/zip/write.ts'
import { Asset } from '../../../stacks/wire/values.ts'
import { type TestDatabase, testDatabase } from '../../helpers/postgres.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { type CloudClient, cloudClient } from './cloud-client.ts'
import { type SandboxProcess, sandboxProcess } from './sandbox-process.ts'

export const MACHINE = 'cloudy:index:Machine'
export const SITE = 'cloudy:index:Site'
export const FUNCTION = 'cloudy:index:Function'
export const ADDRESS = 'cloudy:index:Address'

export interface Shown {
  engine: string
  type: string
  id: string
  inputs: Record<string, unknown>
  outputs: Record<string, unknown>
  usage: Record<string, { requests: number; egressBytes: number; busyMs: number }>
}

export interface LoggedCall {
  operation: string
  outcome: string
  urn: string
  id: string | null
  message: string | null
  token: string | null
}

export interface UsedSandbox {
  readonly process: SandboxProcess
  readonly cloud: CloudClient
  readonly dataFolder: string
  readonly address: string
  /** Another connection, with a configuration of its own; closed with the test. */
  connect(configuration?: Record<string, unknown>, metadata?: Record<string, string>): Promise<CloudClient>
  /** A second process on the same database. */
  another(): Promise<SandboxProcess>
  /** How many sandboxes wait for the inventory. */
  waiting(): Promise<number>
  /** Stops the process and starts it again on the same database. */
  reopen(): Promise<void>
  inventory(query?: string): Promise<Shown[]>
  calls(): Promise<LoggedCall[]>
}

/** A sandbox of the made-up cloud for every test of the file, each with an empty schema. */
export function useSandbox(settings: Partial<SandboxSettingsInput> = {}): UsedSandbox {
  let database: TestDatabase
  let dataFolder: string
  let running: SandboxProcess
  let cloud: CloudClient
  let clients: CloudClient[] = []

  beforeAll(async () => {
    database = await testDatabase({ migrated: false })
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    await database.db.query('drop schema if exists sandbox cascade')
    dataFolder = await tempFolder('sandbox')
    await open()
  })
  afterEach(close)

  async function open(): Promise<void> {
    running = await sandboxProcess({ databaseUrl: database.url, dataFolder, ...settings })
    cloud = await used.connect()
  }
  async function close(): Promise<void> {
    for (const client of clients) client.close()
    clients = []
    await running.stop()
  }

  const used: UsedSandbox = {
    get process() {
      return running
    },
    get cloud() {
      return cloud
    },
    get dataFolder() {
      return dataFolder
    },
    get address() {
      return running.ready.providers.cloudy ?? ''
    },
    async connect(configuration = {}, metadata = {}) {
      const client = await cloudClient(used.address, configuration, metadata)
      clients.push(client)
      return client
    },
    another: () => sandboxProcess({ databaseUrl: database.url, dataFolder }),
    async waiting() {
      const rows = await database.db.query(`select 1 from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`)
      return rows.length
    },
    async reopen() {
      await close()
      await open()
    },
    async inventory(query = '') {
      return (await running.admin<{ resources: Shown[] }>('GET', `/inventory${query}`)).resources
    },
    async calls() {
      return (await running.admin<{ calls: LoggedCall[] }>('GET', '/calls')).calls
    },
  }
  return used
}

/** A zip file on disk, as a program would hand it over. */
export async function archive(files: Record<string, string>): Promise<Asset> {
  const path = join(await tempFolder('zip'), 'code.zip')
  const parts = Object.entries(files).map(([name, text]) => ({ path: name, bytes: Buffer.from(text) }))
  await writeFile(path, await writeZip(parts))
  return new Asset('archive', { path, hash: `hash of ${JSON.stringify(files)}` })
}
