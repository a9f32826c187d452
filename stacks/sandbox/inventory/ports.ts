import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../database.ts'

/** Below the range from which systems draw ports for outgoing connections, so that a restart finds them free. */
const RANGE = { from: 21_000, to: 32_000 }
const TRIES = 20

/** Remembers which port an address had, so that it is the same again after a restart where nobody took it. */
export class Ports {
  readonly #db: Database
  readonly #patientUntil: number

  /** A sandbox that is just ending may hold ports for a moment: all binds together wait that long for them. */
  constructor(db: Database, patienceMs: number) {
    this.#db = db
    this.#patientUntil = performance.now() + patienceMs
  }

  /** Binds `name` by `listen`: on the port it had, else on a free one. */
  async bind<T extends { port: number }>(name: string, listen: (port: number) => Promise<T>): Promise<T> {
    const rows = await this.#db.query<{ port: number }>('select port from sandbox.ports where name = $1', [name])
    const had = rows[0]?.port
    const bound = (had === undefined ? undefined : await this.#again(had, listen)) ?? (await anywhere(listen))
    await this.#db.query(
      'insert into sandbox.ports (name, port) values ($1, $2) on conflict (name) do update set port = excluded.port',
      [name, bound.port],
    )
    return bound
  }

  async forget(name: string): Promise<void> {
    await this.#db.query('delete from sandbox.ports where name = $1', [name])
  }

  async #again<T>(port: number, listen: (port: number) => Promise<T>): Promise<T | undefined> {
    for (;;) {
      const bound = await attempt(port, listen)
      if (bound !== undefined || performance.now() >= this.#patientUntil) return bound
      await pause(50)
    }
  }
}

async function anywhere<T>(listen: (port: number) => Promise<T>): Promise<T> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const bound = await attempt(randomInt(RANGE.from, RANGE.to), listen)
    if (bound !== undefined) return bound
  }
  return listen(0)
}

/** Undefined when the port is taken (or may not be used): the next one is tried, and the last failure is thrown. */
async function attempt<T>(port: number, listen: (port: number) => Promise<T>): Promise<T | undefined> {
  return listen(port).catch(() => undefined)
}
