import pg from 'pg'
import { PipiError } from '../../../catalog/errors.ts'

const NAME = 'pipi'

/** Makes the platform's database in a fresh cluster; gives its URL. */
export async function ensureDatabase(
  server: { port: number; password: string },
  ended: Promise<void>,
): Promise<string> {
  const base = `postgres://pipi:${encodeURIComponent(server.password)}@127.0.0.1:${server.port}`
  const client = new pg.Client({ connectionString: `${base}/postgres`, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  try {
    await Promise.race([
      client.connect(),
      ended.then(() => {
        throw new PipiError('platform.internal', 'PostgreSQL ended before it took a connection', {
          hint: 'see postgres.log in the data folder',
        })
      }),
    ])
    const found = await client.query('select 1 from pg_database where datname = $1', [NAME])
    if (found.rowCount === 0) await client.query(`create database ${NAME}`)
    return `${base}/${NAME}`
  } catch (cause) {
    if ((cause as { code?: string }).code === '28P01') {
      throw new PipiError('conflict.state', 'the database does not take the password in postgres-password', {
        hint: 'the file was changed or lost: put back the one that belongs to this data folder',
        cause,
      })
    }
    throw cause
  } finally {
    await client.end()
  }
}
