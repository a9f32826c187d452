import pg from 'pg'
import { SCHEMA } from './schema.ts'

export type Row = Record<string, unknown>

/** The sandbox's connections to its own schema. */
export interface Database {
  query<T extends Row = Row>(text: string, values?: unknown[]): Promise<T[]>
  close(): Promise<void>
}

/** Opens the database and makes the schema `sandbox` where it is missing. */
export async function openDatabase(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  // An idle connection that breaks is replaced by the pool; the next query reports what is wrong.
  pool.on('error', () => undefined)
  const query = async <T extends Row>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await pool.query<T>(text, values)).rows
  // Two sandboxes starting at once would race on "if not exists".
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(hashtext('pipi sandbox schema'))")
    await client.query(SCHEMA)
    await client.query('commit')
  } finally {
    client.release()
  }
  return { query, close: () => pool.end() }
}
