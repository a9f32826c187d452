import { runMigrations } from 'bullmq'
import type { Pool } from 'pg'
import { queueSchema } from './connection.ts'

/**
 * Creates or updates the tables of each engine's queue and lets that engine's role, and no other, use them. Safe to
 * run from several platforms at once (the migrations hold an advisory lock).
 */
export async function prepareQueues(pool: Pool, engines: { code: string; role: string }[]): Promise<void> {
  const client = await pool.connect()
  try {
    for (const { code, role } of engines) {
      const schema = queueSchema(code)
      await runMigrations(client, schema)
      const name = client.escapeIdentifier(role)
      await client.query(`grant usage on schema ${schema} to ${name}`)
      await client.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${name}`)
      await client.query(`grant usage on all sequences in schema ${schema} to ${name}`)
      await client.query(`grant execute on all functions in schema ${schema} to ${name}`)
    }
  } finally {
    client.release()
  }
}
