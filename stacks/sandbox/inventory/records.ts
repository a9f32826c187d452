import type { Records } from '../../contract/sandbox.ts'
import type { Database } from '../database.ts'
import type { Owner } from './resources.ts'

/** What lies in databases and stores of the simulated clouds, key by key. */
export class RecordsTable {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Those of one resource; they go with it. */
  of({ engine, cloudAccount }: Owner, type: string, id: string): Records {
    const where = 'engine = $1 and cloud_account = $2 and type = $3 and id = $4'
    const place = [engine, cloudAccount, type, id]
    const query = (text: string, ...values: unknown[]) => this.#db.query(text, [...place, ...values])
    return {
      async get(key) {
        const [row] = await query(`select value from sandbox.records where ${where} and key = $5`, key)
        return row?.value as never
      },
      async put(key, value) {
        await query(
          `insert into sandbox.records values ($1, $2, $3, $4, $5, $6)
           on conflict (engine, cloud_account, type, id, key) do update set value = excluded.value`,
          key,
          JSON.stringify(value),
        )
      },
      async delete(key) {
        const gone = await query(`delete from sandbox.records where ${where} and key = $5 returning key`, key)
        return gone.length > 0
      },
      async list(prefix = '') {
        const rows = await query(
          `select key, value from sandbox.records where ${where} and starts_with(key, $5) order by key collate "C"`,
          prefix,
        )
        return rows.map((row) => ({ key: String(row.key), value: row.value as never }))
      },
      async add(key, by) {
        await query(
          `insert into sandbox.records values ($1, $2, $3, $4, $5, to_jsonb($6::numeric))
           on conflict (engine, cloud_account, type, id, key)
           do update set value = to_jsonb((records.value #>> '{}')::numeric + $6::numeric)`,
          key,
          by,
        )
      },
    }
  }

  async forget({ engine, cloudAccount }: Owner, type: string, id: string): Promise<void> {
    await this.#db.query(
      'delete from sandbox.records where engine = $1 and cloud_account = $2 and type = $3 and id = $4',
      [engine, cloudAccount, type, id],
    )
  }
}
