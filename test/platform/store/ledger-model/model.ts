import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { openAccount } from '../../../../platform/store/account.ts'
import { openCloudAccount } from '../../../../platform/store/cloud-account.ts'
import { engineAccess } from '../../../../platform/store/engine-access.ts'
import type { Database } from '../../../../platform/store/open.ts'
import { seedMeters } from '../../../../platform/store/seed-meters.ts'

const METERS = [
  { meter: 'a.concurrent', period: 'concurrent', limit: 40 },
  { meter: 'b.day', period: 'day', limit: 40 },
  { meter: 'c.month', period: 'month', limit: 40 },
  { meter: 'd.watched', period: 'month', limit: 60 },
  { meter: 'e.lifetime', period: 'lifetime', limit: 1e6 },
] as const

/** What every client is to do, one list each: the same seed gives the same lists. */
export function operations(seed: number, clients: number, each: number): number[][] {
  const list = fc.array(fc.nat({ max: 1_999_999_999 }), { minLength: each, maxLength: each, size: 'max' })
  return fc.sample(list, { seed, numRuns: clients })
}

export interface Model {
  /** What the engine's connections use. */
  engineUrl: string
  db: Database
}

/**
 * A ledger under audit, its clients spread over some cloud accounts. `blind`: the arithmetic sees no limit, so that only
 * the constraints are left; then no end is promised, as what is not kept lets more stand. `share`: of the usual limits.
 */
export async function openModel(
  db: Database,
  clients: number,
  { blind = false, clouds = 1, share = 1 }: { blind?: boolean; clouds?: number; share?: number } = {},
): Promise<Model> {
  for (const file of ['audit.sql', 'drive.sql']) await db.query(await readFile(new URL(file, import.meta.url), 'utf8'))
  for (let cloud = 0; cloud < clouds; cloud += 1) {
    const { id: account } = await openAccount(db, `model-${cloud}`)
    const id = `cloud-${cloud}`
    await openCloudAccount(db, account, { id, engine: 'aws', plan: 'p', consentWatched: true })
    const meters = METERS.map(({ meter, period, limit }) => ({
      meter,
      scope: '',
      unit: 'u',
      period,
      limit: limit * share,
    }))
    for (const { meter, period, limit } of METERS)
      await db.query('insert into audit.limits values ($1, $2, $3, $4)', [id, meter, period, limit * share])
    await seedMeters(db, id, meters)
    await db.query(
      'insert into audit.client (n, account, cloud_account, ends) select n, $1, $2, $6 from generate_series($3::int, $4, $5) n',
      [account, id, cloud, clients - 1, clouds, !blind],
    )
  }
  if (blind) await db.query('update pipi.meters set stated_limit = 1e9')
  const { url, role } = await engineAccess(db, 'aws')
  await db.query(`grant usage on schema audit to ${pg.escapeIdentifier(role)}`)
  return { engineUrl: url, db }
}

/** One client's whole list over one connection after another: whatever ends one, the next goes on where it was. */
export async function drive(model: Model, client: number, ops: number[]): Promise<void> {
  for (;;) {
    const connection = new pg.Client({ connectionString: model.engineUrl, application_name: 'ledger-model' })
    connection.on('error', () => {})
    try {
      await connection.connect()
      await connection.query('call audit.drive($1, $2)', [client, ops])
      return
    } catch (error) {
      if (!isAway(error)) throw error
      await pause(20)
    } finally {
      await connection.end().catch(() => {})
    }
  }
}

/** The connection was ended, or the whole server; a circle of waiting was broken, which the driver tries again. */
function isAway(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return (
    /^(57P|08|40)/.test(code) ||
    /^E[A-Z]+$/.test(code) ||
    /Connection terminated|timeout expired|not queryable/.test(message)
  )
}

/** Moves the ledger's clock on, up to `most` hours at a time, until `stop` says so. */
export async function passTime(db: Database, most: number, seed: number, stop: () => boolean): Promise<void> {
  const jumps = fc.sample(fc.integer({ min: 1, max: most }), { seed, numRuns: 500 })
  for (let n = 0; !stop(); n += 1) {
    await moveClock(db, jumps[n % jumps.length] ?? 1).catch(() => {})
    await pause(30)
  }
}

export async function moveClock(db: Database, hours: number): Promise<void> {
  await db.query(
    `insert into pipi.settings (name, value) values ('sandbox.offset', $1) on conflict (name) do update set value = (pipi.settings.value::bigint + excluded.value::bigint)::text`,
    [String(hours * 3_600_000)],
  )
}

/** What broke, with the row it was seen on: nothing where all is well. */
export async function breaches(db: Database): Promise<string[]> {
  const rows = await db.query<{ what: string }>(
    `select what || ' (' || coalesce(meter, '') || '): ' || detail as what from audit.breach order by id limit 5`,
  )
  return rows.map((row) => row.what)
}

/** Everything is given back, and every period that counts has passed. */
export async function clear(model: Model, clients: number): Promise<void> {
  for (let client = 0; client < clients; client += 1) {
    // Opens a deployment where none is, then settles it as gone.
    const connection = new pg.Client({ connectionString: model.engineUrl })
    await connection.connect()
    await connection.query('select audit.step($1, 15)', [client])
    await connection.query('select audit.step($1, 19)', [client])
    await connection.end()
  }
}
