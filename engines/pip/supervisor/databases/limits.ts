import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { ProcessLog } from '../log.ts'
import { dataMib, heldBy } from './measure.ts'
import { allow } from './provision.ts'
import { roomOf, roomTold } from './room.ts'
import type { DatabaseSpec, Room } from './spec.ts'

export interface LimitsOrder {
  /** Folder of the cluster. */
  cluster: string
  log: ProcessLog
  /** As it shall be now. */
  spec(): DatabaseSpec
  /** Milliseconds between two looks. */
  every: number
}

/** What a database may take of disk and memory: measured again and again while it serves, and held to. */
export class Limits {
  readonly #order: LimitsOrder
  #room: Room = 'free'

  constructor(order: LimitsOrder) {
    this.#order = order
  }

  get room(): Room {
    return this.#room
  }

  /** MiB of data. */
  measure(): Promise<number> {
    return dataMib(this.#order.cluster)
  }

  /** Lets in, or not, whoever uses a server that has just started. */
  async begin(client: pg.Client): Promise<void> {
    this.#room = roomOf(await this.measure(), this.#order.spec().size)
    await allow(client, this.#room, this.#room)
  }

  /** Until `signal`. */
  async lookAfter({ client, pid }: { client: pg.Client; pid: number }, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.#order.every, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      // What it was asked for while it ended is asked again of the next one.
      await this.makeRoom(client).catch(() => undefined)
      await this.#spareMemory(pid)
    }
  }

  /** Allows what there is room for now; a change is told in the log. */
  async makeRoom(client: pg.Client): Promise<void> {
    const { size } = this.#order.spec()
    const held = await this.measure()
    const room = roomOf(held, size)
    if (room === this.#room) return
    await allow(client, room, this.#room)
    this.#room = room
    await this.#order.log.note(roomTold(room, held, size) ?? `It holds ${held} MiB and fits into ${size} again.`)
  }

  /** Of the sessions the one that holds the most ends: its statement fails, and nobody else's does. */
  async #spareMemory(pid: number): Promise<void> {
    const { memory, largest } = await heldBy(pid)
    const granted = this.#order.spec().memory
    if (memory <= granted || largest === undefined) return
    await this.#order.log.note(
      `It holds ${Math.ceil(memory)} MiB of memory, granted are ${granted}: its largest session ends.`,
    )
    try {
      process.kill(largest, 'SIGTERM')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
