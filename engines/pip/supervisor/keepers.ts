import { type Clock, hostClock } from './clock.ts'
import { JobKeeper } from './job-keeper.ts'
import { Keeper } from './keeper.ts'
import type { Kept } from './kept.ts'
import type { Place } from './place.ts'
import type { PortPool } from './ports.ts'
import type { Wanted } from './run.ts'
import type { ProcessSpec } from './spec.ts'
import type { Starter } from './starter.ts'
import { SwitchingRoom } from './switching-room.ts'
import type { Times } from './times.ts'

export interface KeepersOrder {
  /** The supervisor's folder. */
  folder: string
  times: Times
  /** Where people reach what is kept. */
  ports: PortPool
  place: Place
  starter: Starter
  /** For jobs; left out: the host's. */
  clock?: Clock
}

/** Who keeps what, by its name, and which public ports are taken. */
export class Keepers {
  readonly #order: KeepersOrder
  readonly #all = new Map<string, Kept>()
  readonly #ports: PortPool
  readonly #room = new SwitchingRoom()

  constructor(order: KeepersOrder) {
    this.#order = order
    this.#ports = order.ports
  }

  get(name: string): Kept | undefined {
    return this.#all.get(name)
  }

  names(): string[] {
    return [...this.#all.keys()]
  }

  /** Ports of what shall run are nobody else's, also before it is kept. */
  claim(port: number): void {
    this.#ports.claim(port)
  }

  /** One for what was not kept before, at a port of its own where it needs one. */
  async open(spec: ProcessSpec): Promise<Kept> {
    if (isJob(spec)) return this.#keep(spec, 0)
    for (;;) {
      const port = await this.#ports.take(spec.name)
      try {
        return await this.#keep(spec, port)
      } catch (error) {
        this.#ports.give(port)
        // Taken by somebody between our look and our use of it; the next look sees that.
        if (!isTaken(error)) throw error
      }
    }
  }

  /** One for what shall run already. Its port may be another, when somebody else has its own now. */
  async resume(wanted: Wanted, port: number): Promise<Kept> {
    this.#ports.claim(port)
    try {
      return await this.#keep(wanted.spec, port, wanted)
    } catch (error) {
      if (!isTaken(error)) throw error
      const moved = await this.#ports.take(wanted.spec.name)
      this.#ports.give(port)
      return this.#keep(wanted.spec, moved, wanted)
    }
  }

  /** Ends one and forgets it, with its log. */
  async end(name: string): Promise<void> {
    const keeper = this.#all.get(name)
    this.#all.delete(name)
    await keeper?.close(true)
    if (keeper !== undefined) this.#ports.give(keeper.port)
  }

  /** Ends all, for as long as there are some. */
  async close(): Promise<void> {
    const keepers = [...this.#all]
    await Promise.all(keepers.map(([, keeper]) => keeper.close(false)))
    for (const [name] of keepers) this.#all.delete(name)
  }

  async #keep(spec: ProcessSpec, port: number, wanted?: Wanted): Promise<Kept> {
    const { folder, times, place, starter, clock = hostClock } = this.#order
    const own = { name: spec.name, folder, starter, ...(wanted === undefined ? {} : { wanted }) }
    const keeper = isJob(spec)
      ? await JobKeeper.open({ ...own, graceMs: times.grace, clock })
      : await Keeper.open({ ...own, port, times, place, room: this.#room })
    this.#all.set(spec.name, keeper)
    return keeper
  }
}

export function isJob({ runtime }: ProcessSpec): boolean {
  return runtime === 'job'
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}
