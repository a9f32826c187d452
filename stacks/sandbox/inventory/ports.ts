import type { Database } from '../database.ts'

/** Remembers which port an address had, so that it is the same again after a restart where nobody took it. */
export class Ports {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Binds `name` by `listen`: on the port it had, else on a free one (0). */
  async bind<T extends { port: number }>(name: string, listen: (port: number) => Promise<T>): Promise<T> {
    const rows = await this.#db.query<{ port: number }>('select port from sandbox.ports where name = $1', [name])
    const had = rows[0]?.port
    const bound = had === undefined ? await listen(0) : await listen(had).catch(() => listen(0))
    await this.#db.query(
      'insert into sandbox.ports (name, port) values ($1, $2) on conflict (name) do update set port = excluded.port',
      [name, bound.port],
    )
    return bound
  }

  async forget(name: string): Promise<void> {
    await this.#db.query('delete from sandbox.ports where name = $1', [name])
  }
}
