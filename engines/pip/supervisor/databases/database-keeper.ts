import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../../catalog/errors.ts'
import { Ends } from '../ends.ts'
import { openLog, type ProcessLog } from '../log.ts'
import type { Times } from '../times.ts'
import { clusterFolder } from './cluster.ts'
import { Limits } from './limits.ts'
import { heldBy } from './measure.ts'
import { provision } from './provision.ts'
import { roomTold } from './room.ts'
import { DATABASE, type DatabaseSpec, type DatabaseStatus, ROLE } from './spec.ts'
import { type Serving, startServing } from './start-serving.ts'

export interface DatabaseKeeperOrder {
  spec: DatabaseSpec
  port: number
  /** Password of our own role. */
  keeper: string
  /** Of this database alone. */
  folder: string
  logs: string
  tag: string
  times: Times
}

/** Between two looks at memory and disk, milliseconds, unless times are shorter. */
const LOOK_MS = 5000

/** Keeps the server of one database running from when it is made to its removal: started again when it ends, ever more rarely. */
export class DatabaseKeeper {
  readonly port: number
  readonly #order: DatabaseKeeperOrder
  readonly #log: ProcessLog
  readonly #ends: Ends
  readonly #over = new AbortController()
  readonly #tending: Promise<void>
  readonly #waiting = new Set<() => void>()
  readonly #limits: Limits
  #spec: DatabaseSpec
  #serving: Serving | undefined
  #resting = false
  /** It is to end and start again, with other settings. */
  #renewing = false

  static async open(order: DatabaseKeeperOrder): Promise<DatabaseKeeper> {
    return new DatabaseKeeper(order, await openLog(join(order.logs, `${order.spec.name}.log`)))
  }

  private constructor(order: DatabaseKeeperOrder, log: ProcessLog) {
    this.port = order.port
    this.#order = order
    this.#spec = order.spec
    this.#log = log
    this.#ends = new Ends(order.times)
    this.#limits = new Limits({
      ...{ cluster: clusterFolder(order.folder), log, spec: () => this.#spec },
      every: Math.min(LOOK_MS, order.times.look),
    })
    this.#tending = this.#tend()
  }

  /** Resolves when it takes connections. Throws `verify.failed` when it does not within `ms`. */
  async running(ms: number): Promise<Serving> {
    const patience = AbortSignal.any([AbortSignal.timeout(ms), this.#over.signal])
    while (this.#serving === undefined && !patience.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
        patience.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    if (this.#serving !== undefined) return this.#serving
    const { name } = this.#spec
    throw new PipiError('verify.failed', `the database ${name} took no connection within ${ms / 1000} s`, {
      hint: 'What its server said last tells more. What is in it is not lost.',
      data: { lines: this.#log.lastLines() },
    })
  }

  /** Makes it what it should be from now on. Another memory takes a restart, which ends its sessions. */
  async change(spec: DatabaseSpec): Promise<void> {
    this.#spec = spec
    const { client, server, memory } = await this.running(this.#order.times.healthy)
    if (memory === spec.memory) {
      await provision(client, spec)
      return this.#limits.makeRoom(client)
    }
    this.#renewing = true
    this.#serving = undefined
    await server.stop()
    await this.running(this.#order.times.healthy)
  }

  async status(): Promise<DatabaseStatus> {
    const serving = this.#serving
    const [held, memory] = await Promise.all([
      this.#limits.measure(),
      serving ? heldBy(serving.pid).then((it) => it.memory) : 0,
    ])
    const [spec, room] = [this.#spec, this.#limits.room]
    const trouble = this.#ends.trouble() ?? roomTold(room, held, spec.size)
    return {
      spec,
      port: this.port,
      url: `postgres://${ROLE}@127.0.0.1:${this.port}/${DATABASE}`,
      state: serving !== undefined ? 'running' : this.#resting ? 'waiting' : 'starting',
      pid: serving?.pid,
      restarts: this.#ends.count,
      memory: Math.ceil(memory),
      held,
      room,
      lastLines: this.#log.lastLines(),
      ...(trouble === undefined ? {} : { trouble }),
    }
  }

  /** Ends it, in an orderly way. `forget`: its log goes too. */
  async close(forget: boolean): Promise<void> {
    this.#over.abort()
    const serving = this.#serving
    this.#serving = undefined
    await serving?.server.stop()
    await this.#tending
    if (forget) await this.#log.remove()
  }

  async #tend(): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      let ran = 0
      let how = 'could not be started'
      try {
        const { folder, port, keeper, tag } = this.#order
        const serving = await startServing({
          ...{ folder, port, keeper, tag, signal, log: this.#log, limits: this.#limits },
          spec: () => this.#spec,
        })
        const since = performance.now()
        await this.#carry(serving)
        ran = performance.now() - since
        how = `ended with exit code ${serving.server.code()}`
      } catch (error) {
        how = `could not be started: ${(error as Error).message}`
      }
      if (signal.aborted) return
      if (this.#renewing) {
        this.#renewing = false
        continue
      }
      const wait = this.#ends.add(how, ran)
      await this.#log.note(this.#ends.trouble() ?? `It ${how}; starting again.`)
      this.#resting = true
      await delay(wait, undefined, { signal }).catch(() => undefined)
      this.#resting = false
    }
  }

  /** Lets it serve until it ends, and looks after what it takes meanwhile. */
  async #carry(serving: Serving): Promise<void> {
    this.#serving = serving
    this.#ends.healthy()
    for (const come of [...this.#waiting]) come()
    this.#waiting.clear()
    const over = new AbortController()
    const ended = serving.server.ended.finally(() => over.abort())
    await Promise.all([ended, this.#limits.lookAfter(serving, over.signal)])
    if (this.#serving === serving) this.#serving = undefined
    await serving.client.end().catch(() => undefined)
    await serving.server.stop()
  }
}
