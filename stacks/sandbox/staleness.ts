import type { Database } from './database.ts'

const KEY = 'stale '

/** How far the figures that a cloud gives of its use lag behind its traffic, by engine; kept in the database. */
export class Staleness {
  readonly #db: Database
  readonly #ms: Map<string, number>

  private constructor(db: Database, ms: Map<string, number>) {
    this.#db = db
    this.#ms = ms
  }

  static async open(db: Database): Promise<Staleness> {
    const rows = await db.query<{ key: string; value: string }>(
      'select key, value from sandbox.settings where key like $1',
      [`${KEY}%`],
    )
    return new Staleness(db, new Map(rows.map(({ key, value }) => [key.slice(KEY.length), Number(value)])))
  }

  /** Milliseconds by the sandbox's clock; 0: what was served is seen at once. */
  of(engine: string): number {
    return this.#ms.get(engine) ?? 0
  }

  async set(engine: string, ms: number): Promise<void> {
    await this.#db.query(
      'insert into sandbox.settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
      [`${KEY}${engine}`, String(ms)],
    )
    this.#ms.set(engine, ms)
  }
}
