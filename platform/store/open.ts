import pg from 'pg'
import { PipiError } from '../../catalog/errors.ts'
import { fromSql } from './sql-error.ts'

export type Row = Record<string, unknown>

/** What a statement needs: a connection of its own transaction, or any of the pool. */
export interface Queryable {
  /** Rows of one statement. Errors of the database arrive as `PipiError`. */
  query<R = Row>(text: string, values?: unknown[]): Promise<R[]>
}

/** The truth, opened: every verb of `platform/store` takes one. */
export interface Database extends Queryable {
  readonly url: string
  /** All or nothing. Tried again when PostgreSQL chose it to break a deadlock: `work` must have no other effect. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const RETRY_STATES = new Set(['40P01', '40001'])
const TRIES = 5

/** No statement of ours takes that long: the server hangs, or the way to it does. */
const ANSWER_MS = 120_000

/**
 * Opens the database at `url`. Connections are made when needed; a lost one is replaced, and one that gives no answer
 * within `answerMs` is left behind (`platform.busy`).
 */
export function openStore(
  url: string,
  options: { connections?: number; name?: string; answerMs?: number } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    application_name: options.name ?? 'pipi',
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    query_timeout: options.answerMs ?? ANSWER_MS,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  })
  // An idle connection that broke is thrown away by the pool; the next query makes a new one and reports for itself.
  pool.on('error', () => {})
  return {
    url,
    query: (text, values) => again(() => run(pool, text, values)),
    transaction: (work) => transaction(pool, work),
    close: () => pool.end(),
  }
}

async function transaction<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect().catch((error: unknown) => {
      throw fromSql(error)
    })
    let broken: Error | undefined
    try {
      await client.query('begin')
      const result = await work({ query: (text, values) => run(client, text, values) })
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure
      })
      if (attempt >= TRIES || !RETRY_STATES.has(sqlState(error))) throw fromSql(error)
    } finally {
      client.release(broken)
    }
  }
}

/** One statement is its own transaction: PostgreSQL chose it to break a deadlock, so it did nothing. */
async function again<T>(query: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await query()
    } catch (error) {
      if (attempt >= TRIES || !RETRY_STATES.has(sqlState(error))) throw error
    }
  }
}

async function run<R>(on: pg.Pool | pg.PoolClient, text: string, values?: unknown[]): Promise<R[]> {
  try {
    return (await on.query(text, values)).rows as R[]
  } catch (error) {
    throw fromSql(error)
  }
}

function sqlState(error: unknown): string {
  const cause = error instanceof PipiError ? error.cause : error
  return String((cause as { code?: unknown } | undefined)?.code ?? '')
}

/** int8 and numeric as numbers: positions and amounts stay below 2^53. Times stay `Date`. */
function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC) return Number
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown
}
