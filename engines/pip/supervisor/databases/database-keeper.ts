import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { PipiError } from '../../../../catalog/errors.ts'
import { type RunningServer, runServer } from '../../../parts/postgres/run-server.ts'
import { TAG } from '../command.ts'
import { Ends } from '../ends.ts'
import { openLog, type ProcessLog } from '../log.ts'
import type { Times } from '../times.ts'
import { clusterFolder, openCluster } from './cluster.ts'
import { dataMib, heldBy } from './measure.ts'
import { allow, connect, provision } from './provision.ts'
import { roomOf, roomTold } from './room.ts'
import { settingsFor } from './settings.ts'
import { DATABASE, type DatabaseSpec, type DatabaseStatus, ROLE, type Room } from './spec.ts'

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

/** One server that takes connections. */
interface Serving {
  server: RunningServer
  pid: number
  client: pg.Client
  /** MiB that it was started with. */
  memory: number
}

/** Keeps the server of one database running from when it is made to its removal: started again when it ends, ever more rarely. */
export class DatabaseKeeper {
  readonly port: number
  readonly #order: DatabaseKeeperOrder
  readonly #log: ProcessLog
  readonly #ends: Ends
  readonly #over = new AbortController()
  readonly #tending: Promise<void>
  readonly #waiting = new Set<() => void>()
  #spec: DatabaseSpec
  #serving: Serving | undefined
  #resting = false
  /** It is to end and start again, with other settings. */
  #renewing = false
  #room: Room = 'free'

  static async open(order: DatabaseKeeperOrder): Promise<DatabaseKeeper> {
    return new DatabaseKeeper(order, await openLog(join(order.logs, `${order.spec.name}.log`)))
  }

  private constructor(order: DatabaseKeeperOrder, log: ProcessLog) {
    this.port = order.port
    this.#order = order
    this.#spec = order.spec
    this.#log = log
    this.#ends = new Ends(order.times)
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
      return this.#makeRoom(client)
    }
    this.#renewing = true
    this.#serving = undefined
    await server.stop()
    await this.running(this.#order.times.healthy)
  }

  async status(): Promise<DatabaseStatus> {
    const serving = this.#serving
    const [held, memory] = await Promise.all([
      this.#measure(),
      serving ? heldBy(serving.pid).then((it) => it.memory) : 0,
    ])
    const [spec, room] = [this.#spec, this.#room]
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
        const serving = await this.#start()
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

  /** Starts the server and lets its users in. When that fails nothing of it is left. */
  async #start(): Promise<Serving> {
    const { folder, port, keeper, tag } = this.#order
    const place = await openCluster(folder, { [TAG]: tag })
    const { memory, size } = this.#spec
    const server = await runServer(place, settingsFor({ memory, size, port, major: place.major }))
    const voice = this.#log.voice()
    for (const stream of server.output) voice.follow(stream).catch(() => undefined)
    // Told to end meanwhile.
    const stop = (): void => void server.stop()
    this.#over.signal.addEventListener('abort', stop, { once: true })
    try {
      await server.ready
      const client = await connect({ port, keeper })
      await provision(client, this.#spec)
      this.#room = roomOf(await this.#measure(), this.#spec.size)
      await allow(client, this.#room, this.#room)
      this.#over.signal.throwIfAborted()
      return { server, client, pid: await server.pid, memory }
    } catch (error) {
      await server.stop()
      throw error
    } finally {
      this.#over.signal.removeEventListener('abort', stop)
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
    await Promise.all([ended, this.#lookAfter(serving, over.signal)])
    if (this.#serving === serving) this.#serving = undefined
    await serving.client.end().catch(() => undefined)
    await serving.server.stop()
  }

  async #lookAfter({ client, pid }: Serving, signal: AbortSignal): Promise<void> {
    const every = Math.min(LOOK_MS, this.#order.times.look)
    while (!signal.aborted) {
      await delay(every, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      // What it was asked for while it ended is asked again of the next one.
      await this.#makeRoom(client).catch(() => undefined)
      await this.#spareMemory(pid)
    }
  }

  async #makeRoom(client: pg.Client): Promise<void> {
    const { size } = this.#spec
    const held = await this.#measure()
    const room = roomOf(held, size)
    if (room === this.#room) return
    await allow(client, room, this.#room)
    this.#room = room
    await this.#log.note(roomTold(room, held, size) ?? `It holds ${held} MiB and fits into ${size} again.`)
  }

  /** Of the sessions the one that holds the most ends: its statement fails, and nobody else's does. */
  async #spareMemory(pid: number): Promise<void> {
    const { memory, largest } = await heldBy(pid)
    const granted = this.#spec.memory
    if (memory <= granted || largest === undefined) return
    await this.#log.note(
      `It holds ${Math.ceil(memory)} MiB of memory, granted are ${granted}: its largest session ends.`,
    )
    try {
      process.kill(largest, 'SIGTERM')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  #measure(): Promise<number> {
    return dataMib(clusterFolder(this.#order.folder))
  }
}
