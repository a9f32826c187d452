import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../../catalog/errors.ts'
import { TAG } from '../command.ts'
import type { PortPool } from '../ports.ts'
import type { Times } from '../times.ts'
import { Turns } from '../turns.ts'
import { clusterFolder, INSTALL, newestServer } from './cluster.ts'
import { DatabaseKeeper } from './database-keeper.ts'
import { isHalf, type KeptDatabase, makeDatabase, readDatabase, removeDatabase, writeDatabase } from './folder.ts'
import { dataMib } from './measure.ts'
import type { DatabaseSpec, DatabaseStatus } from './spec.ts'

export interface DatabasesOrder {
  /** The supervisor's folder. */
  folder: string
  tag: string
  times: Times
  ports: PortPool
}

const OWNER = 'pipi-workspace'
/** That processes wait for the databases that they use, when all of them start again. */
const FIRST_MS = 15_000
/** That a new one gets until it takes connections. */
const MAKE_MS = 60_000

/**
 * Users' databases: a PostgreSQL of its own for each, in `databases/<name>`. Nothing but `remove` takes one away, and what
 * is in it goes with nothing else: no release, no restart, no smaller grant.
 */
export class Databases {
  readonly #order: DatabasesOrder
  readonly #folder: string
  readonly #all = new Map<string, DatabaseKeeper>()
  readonly #turns = new Turns()
  #closed = false

  /** Starts all there are, and waits a while until they take connections: what uses them is started afterwards. */
  static async open(order: DatabasesOrder): Promise<Databases> {
    const databases = new Databases(order)
    try {
      await databases.#resume()
      await Promise.allSettled([...databases.#all.values()].map((keeper) => keeper.running(FIRST_MS)))
    } catch (error) {
      await databases.close()
      throw error
    }
    return databases
  }

  private constructor(order: DatabasesOrder) {
    this.#order = order
    this.#folder = join(order.folder, 'databases')
  }

  /**
   * Makes a database, or changes its size, memory or password; returns once it takes connections. Throws `conflict.state`
   * when it is another workspace's or what is in it would not fit, `toolchain.missing` where this host has no PostgreSQL.
   */
  async set(spec: DatabaseSpec): Promise<DatabaseStatus> {
    return this.#turns.take(spec.name, async () => {
      if (this.#closed)
        throw new PipiError('platform.busy', 'The supervisor is ending', { hint: 'Try again in a moment.' })
      const known = this.#all.get(spec.name)
      const keeper = known === undefined ? await this.#make(spec) : await this.#change(known, spec)
      return keeper.status()
    })
  }

  async get(name: string): Promise<DatabaseStatus | undefined> {
    return this.#all.get(name)?.status()
  }

  async all(): Promise<DatabaseStatus[]> {
    return Promise.all([...this.#all.values()].map((keeper) => keeper.status()))
  }

  /** Whether this host can have some, and why not. */
  async state(): Promise<{ ready: boolean; why?: string }> {
    const server = await newestServer()
    return server === undefined ? { ready: false, why: INSTALL } : { ready: true }
  }

  /** Removes a database and all that is in it. */
  async remove(name: string): Promise<void> {
    await this.#turns.take(name, async () => {
      const keeper = this.#all.get(name)
      if (keeper === undefined) return
      const place = join(this.#folder, name)
      this.#all.delete(name)
      await keeper.close(true)
      const clear = await removeDatabase(place)
      this.#order.ports.give(keeper.port)
      await clear()
    })
  }

  /** Ends all of them in an orderly way; what is in them stays. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#turns.all()
    await Promise.all([...this.#all.values()].map((keeper) => keeper.close(false)))
    this.#all.clear()
  }

  async #resume(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(this.#folder)) {
      const place = join(this.#folder, name)
      if (isHalf(name)) await rm(place, { recursive: true, force: true })
      else {
        const kept = await readDatabase(place)
        if (kept === undefined) continue
        this.#order.ports.claim(kept.port)
        await this.#keep(place, kept)
      }
    }
  }

  async #make(spec: DatabaseSpec): Promise<DatabaseKeeper> {
    const { ports, tag } = this.#order
    const place = join(this.#folder, spec.name)
    if (await exists(place)) {
      throw new PipiError('conflict.state', `There is data of a database ${spec.name} that nothing is known of`, {
        hint: `Somebody has to look at ${place} on that host: what is not known is not touched.`,
      })
    }
    const port = await ports.take(spec.name)
    try {
      return await this.#first(place, await makeDatabase(place, { spec, port }, { [TAG]: tag }))
    } catch (error) {
      ports.give(port)
      throw error
    }
  }

  /** Its first start. When that fails nobody was told of it, and nothing is in it. */
  async #first(place: string, kept: KeptDatabase): Promise<DatabaseKeeper> {
    const keeper = await this.#keep(place, kept)
    await keeper.running(MAKE_MS).catch(async (error: unknown) => {
      this.#all.delete(kept.spec.name)
      await keeper.close(true)
      await rm(place, { recursive: true, force: true })
      throw error
    })
    return keeper
  }

  async #change(keeper: DatabaseKeeper, spec: DatabaseSpec): Promise<DatabaseKeeper> {
    const { name } = spec
    const place = join(this.#folder, name)
    const kept = await readDatabase(place)
    if (kept === undefined || kept.spec.labels[OWNER] !== spec.labels[OWNER])
      throw new PipiError('conflict.state', `The database ${name} is another workspace's`)
    const held = await dataMib(clusterFolder(place))
    if (held > spec.size && spec.size < kept.spec.size) {
      throw new PipiError('conflict.state', `${name} holds ${held} MiB and cannot become ${spec.size}`, {
        hint: 'Remove data and "vacuum full" first, or leave its size as it is.',
      })
    }
    await writeDatabase(place, { ...kept, spec })
    await keeper.change(spec)
    return keeper
  }

  async #keep(place: string, { spec, port, keeper }: KeptDatabase): Promise<DatabaseKeeper> {
    const { folder, tag, times } = this.#order
    const kept = await DatabaseKeeper.open({
      ...{ spec, port, keeper, tag, times },
      folder: place,
      logs: join(folder, 'logs'),
    })
    this.#all.set(spec.name, kept)
    return kept
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
