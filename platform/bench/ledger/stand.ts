import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { manifestSchema } from '../../../engines/contract/manifest.ts'
import { readSettings } from '../../config.ts'
import { accept } from '../../store/accept.ts'
import { openAccount } from '../../store/account.ts'
import { assign } from '../../store/assign.ts'
import { openCloudAccount } from '../../store/cloud-account.ts'
import { engineAccess } from '../../store/engine-access.ts'
import { engineKey } from '../../store/engine-key.ts'
import { openEngineTruth } from '../../store/engine-truth.ts'
import { migrate } from '../../store/migrate.ts'
import { type Database, openStore } from '../../store/open.ts'
import { seedMeters } from '../../store/seed-meters.ts'
import { startServer } from '../../store/server/start.ts'

/** A deployment that a client holds the lease of. */
export interface Held {
  deployment: string
  token: number
}

/** One server, one connection for each client, and both sides' rows. */
export interface Stand {
  meters: number
  /** Of the engine's role: what reserves. */
  engines: pg.Client[]
  /** Of the owner: what updates. */
  owners: pg.Client[]
  held: Held[]
  /** Gives everything back but the first holdings that were filled in, and tidies both sides' tables. */
  emptied(but?: number): Promise<void>
  /** So many live holdings on the first meter, 20 for each workspace. */
  fill(holdings: number): Promise<void>
  close(): Promise<void>
}

export const METERS = 64
const CODE = 'bnc'
const CLOUD = 'bench-account'

export async function openStand(clients: number, log: (line: string) => void): Promise<Stand> {
  const folder = await mkdtemp(join(tmpdir(), 'pipi-bench-'))
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })]
  const close = async () => {
    for (const each of closing.splice(0).reverse()) await each()
  }
  try {
    const server = await startServer({ data: folder, cache: readSettings({ data: folder }).cache, log })
    closing.push(() => server.stop())
    const db = openStore(server.url)
    closing.push(() => db.close())
    await migrate(db)
    const { id: account } = await openAccount(db, 'bench')
    await openCloudAccount(db, account, { id: CLOUD, engine: CODE, plan: 'bench', consentWatched: false })
    await seedMeters(
      db,
      CLOUD,
      Array.from({ length: METERS }, (_, n) => ({
        ...{ meter: `bench.m${n}`, scope: '', unit: 'u', period: 'month' as const, limit: 1e12 },
      })),
    )
    await db.query('create table public.plain (id int primary key, n bigint not null) with (fillfactor = 50)')
    await db.query('insert into public.plain select n, 0 from generate_series(0, $1) n', [METERS - 1])

    const access = await engineAccess(db, CODE)
    const held = await takeAll(db, account, access.url, clients)
    const connect = async (url: string) => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      closing.push(() => client.end())
      return client
    }
    const each = Array.from({ length: clients })
    return {
      meters: METERS,
      engines: await Promise.all(each.map(() => connect(access.url))),
      owners: await Promise.all(each.map(() => connect(server.url))),
      held,
      emptied: (but = 0) => emptied(db, but),
      fill: (holdings) => fill(db, account, holdings),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** One deployment for each client, taken the usual way. */
async function takeAll(db: Database, account: string, url: string, clients: number): Promise<Held[]> {
  const truth = openEngineTruth({ url, clone: 'bench', key: engineKey(Buffer.alloc(32, 1), CODE), leaseMs: 3_600_000 })
  try {
    const held: Held[] = []
    for (let n = 0; n < clients; n += 1) {
      const name = `bench-${n}`
      const { deployment } = await accept(db, {
        ...{ account, kind: 'deploy', workspaceName: name, engine: CODE, region: 'here', cloudAccount: CLOUD },
        manifest: manifestSchema.parse({ apiVersion: 'pipi/v1', name, components: [{ name: 'site', kind: 'site' }] }),
        source: { kind: 'upload', digest: 'a'.repeat(64) },
      })
      await assign(db, deployment.id)
      const order = await truth.take(deployment.id)
      if (order === null) throw new Error(`${deployment.id} was not taken`)
      held.push({ deployment: order.deployment, token: order.token })
    }
    return held
  } finally {
    await truth.close()
  }
}

async function emptied(db: Database, but: number): Promise<void> {
  await db.query(
    'delete from pipi.holdings where id > (select coalesce(max(id), 0) from (select id from pipi.holdings order by id limit $1) h)',
    [but],
  )
  await db.query(
    `update pipi.meters m set held = s.part, standing = s.part
     from (select m.meter, coalesce(sum(h.part), 0) as part from pipi.meters m left join pipi.holdings h on h.meter = m.meter group by 1) s
     where m.meter = s.meter`,
  )
  for (const table of ['pipi.holdings', 'pipi.meters', 'pipi.leases', 'pipi.deployments', 'public.plain'])
    await db.query(`vacuum analyze ${table}`)
}

async function fill(db: Database, account: string, holdings: number): Promise<void> {
  await db.query(
    `insert into pipi.workspaces (id, account, name) select 'w' || lpad(n::text, 20, '0'), $1, 'full-' || n from generate_series(1, $2) n on conflict do nothing`,
    [account, Math.ceil(holdings / 20)],
  )
  await db.query(
    `insert into pipi.holdings (cloud_account, meter, scope, account, workspace, deployment, urn, type, amount, part, bound, state, existed)
     select $1, 'bench.m0', '', $2, 'w' || lpad((1 + n / 20)::text, 20, '0'), (select min(id) from pipi.deployments), 'urn:' || n, 't', 1, 1, 'proven', 'committed', true
     from generate_series(0, $3 - 1) n`,
    [CLOUD, account, holdings],
  )
  await emptied(db, holdings)
}
