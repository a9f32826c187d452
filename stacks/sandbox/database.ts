import pg from 'pg'
import { PipiError } from '../../catalog/errors.ts'
import { SCHEMA } from './schema.ts'

export type Row = Record<string, unknown>

/** The sandbox's connections to its own schema. */
export interface Database {
  query<T extends Row = Row>(text: string, values?: unknown[]): Promise<T[]>
  close(): Promise<void>
}

/** How long a sandbox that is just ending may still hold the inventory. */
const LOCK_TIMEOUT_MS = 20_000

/**
 * Opens the database, waits until no other sandbox works on its inventory, and makes the schema `sandbox` where it is
 * missing. The inventory is held until `close`, or until this process ends.
 */
export async function openDatabase(url: string): Promise<Database> {
  const holder = await holdInventory(url)
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  // An idle connection that breaks is replaced by the pool; the next query reports what is wrong.
  pool.on('error', () => undefined)
  const query = async <T extends Row>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await pool.query<T>(text, values)).rows
  return {
    query,
    close: async () => {
      await pool.end()
      await holder.end()
    },
  }
}

async function holdInventory(url: string): Promise<pg.Client> {
  const holder = new pg.Client({ connectionString: url })
  // When the server goes away so does the hold; queries report it, and the next start waits for nobody.
  holder.on('error', () => undefined)
  await holder.connect()
  try {
    await holder.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}`)
    await holder.query("select pg_advisory_lock(hashtext('pipi sandbox inventory'))")
    await holder.query(SCHEMA)
    return holder
  } catch (error) {
    await holder.end()
    if (!(error instanceof pg.DatabaseError) || error.code !== '55P03') throw error
    throw new PipiError('conflict.state', 'another sandbox works on the inventory of this database', {
      hint: 'stop it first, or give this one a database of its own',
      cause: error,
    })
  }
}
