import pg from 'pg'
import { prepareQueues } from '../queue/prepare.ts'
import type { RunnableEngine } from './clones.ts'

/** Makes each engine's queue in the database, for its role alone. */
export async function prepareQueuesOf(
  databaseUrl: string,
  runnable: ReadonlyMap<string, RunnableEngine>,
): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 })
  try {
    await prepareQueues(
      pool,
      [...runnable].map(([code, { access }]) => ({ code, role: access.role })),
    )
  } finally {
    await pool.end()
  }
}
