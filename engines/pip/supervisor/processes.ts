import { PipiError } from '../../../catalog/errors.ts'
import { type Clock, hostClock } from './clock.ts'
import { DesiredState } from './desired.ts'
import type { Groups } from './groups.ts'
import { JobKeeper } from './job-keeper.ts'
import { Keeper } from './keeper.ts'
import type { Kept } from './kept.ts'
import type { Place } from './place.ts'
import { INNER_PORTS, PortPool, type PortRange } from './ports.ts'
import type { PublicNames } from './public-names.ts'
import type { Releases } from './releases.ts'
import type { Wanted } from './run.ts'
import type { ProcessSpec, ProcessStatus } from './spec.ts'
import { Starter } from './starter.ts'
import type { Stores } from './stores.ts'
import { SwitchingRoom } from './switching-room.ts'
import type { Times } from './times.ts'
import { Turns } from './turns.ts'

export interface ProcessesOrder {
  folder: string
  tag: string
  releases: Releases
  stores: Stores
  times: Times
  ports: PortRange
  place: Place
  names: PublicNames
  groups?: Groups
  clock?: Clock
}

/** The digest of files that are not there. */
const NO_FILES = '0'.repeat(64)

/** All processes of a host, by name. What is asked about one name is done one after another. */
export class Processes {
  readonly #order: ProcessesOrder
  readonly #desired: DesiredState
  readonly #keepers = new Map<string, Kept>()
  readonly #turns = new Turns()
  readonly #ports: PortPool
  readonly #starter: Starter
  readonly #room = new SwitchingRoom()
  #closed = false

  /** Starts everything that was running when the supervisor ended; does not wait until it is healthy. */
  static async open(order: ProcessesOrder): Promise<Processes> {
    const processes = new Processes(order, await DesiredState.open(`${order.folder}/desired`))
    try {
      const desired = processes.#desired.all()
      await order.releases.keepOnlyOf(desired.map(({ spec }) => spec))
      for (const { port } of desired) processes.#ports.claim(port)
      for (const { spec, port } of desired) await processes.#resume(spec, port)
      // Caddy may start after us; it is told again and again.
      await processes.#tellNames().catch(() => undefined)
    } catch (error) {
      await processes.close()
      throw error
    }
    return processes
  }

  private constructor(order: ProcessesOrder, desired: DesiredState) {
    const { folder, tag, stores, groups } = order
    this.#order = order
    this.#ports = new PortPool(order.ports, order.place.listen)
    this.#desired = desired
    const ports = new PortPool(INNER_PORTS)
    this.#starter = new Starter({ folder, tag, ports, stores, ...(groups === undefined ? {} : { groups }) })
  }

  /**
   * Makes a process, or replaces what runs under its name. Returns once the new one is healthy and answers on the port;
   * what the old one was asked before, it still answers. Throws `verify.failed`, and then everything is as it was.
   */
  async set(spec: ProcessSpec): Promise<ProcessStatus> {
    return this.#turns.take(spec.name, async () => {
      if (this.#closed)
        throw new PipiError('platform.busy', 'The supervisor is ending', { hint: 'Try again in a moment.' })
      this.#order.stores.usedBy(spec)
      const { releases } = this.#order
      const before = this.#desired.get(spec.name)
      if (before !== undefined && isJob(before.spec) !== isJob(spec)) await this.#end(spec.name)
      const known = this.#keepers.get(spec.name)
      const copied = await releases.make(spec).catch(async (error: unknown) => {
        if (before === undefined) await releases.keepLast(undefined, spec.name)
        throw error
      })
      try {
        const keeper = known ?? (await this.#open(spec))
        const decide = async () => {
          await this.#tellNames({ spec, port: keeper.port })
          await this.#desired.set({ spec, port: keeper.port })
        }
        if (spec.stopped === true) await keeper.rest(decide)
        else await keeper.replace({ spec, release: releases.path(spec) }, decide)
        await releases.keepLast(spec, spec.name)
        return { spec, ...(await this.#look(keeper, spec.name)) }
      } catch (error) {
        await this.#tellNames().catch(() => undefined)
        if (known === undefined) await this.#end(spec.name)
        if (copied && before?.spec.digest !== spec.digest) await releases.remove(spec)
        if (before === undefined) await releases.keepLast(undefined, spec.name)
        else if (known === undefined && !this.#closed) await this.#resume(before.spec, before.port)
        throw error
      }
    })
  }

  /** As it is: the digest is that of the files that lie there now, whatever they were once. */
  async get(name: string): Promise<ProcessStatus | undefined> {
    const status = await this.#status(name)
    const digest = status && (await this.#order.releases.digestNow(status.spec))
    return status && { ...status, spec: { ...status.spec, digest: digest ?? NO_FILES } }
  }

  async all(): Promise<ProcessStatus[]> {
    const found = await Promise.all([...this.#keepers.keys()].map((name) => this.#status(name)))
    return found.filter((status) => status !== undefined)
  }

  async #status(name: string): Promise<ProcessStatus | undefined> {
    const [keeper, desired] = [this.#keepers.get(name), this.#desired.get(name)]
    return keeper && desired && { spec: desired.spec, ...(await this.#look(keeper, name)) }
  }

  async #look(keeper: Kept, name: string): Promise<Omit<ProcessStatus, 'spec'>> {
    return { ...(await keeper.status()), releases: await this.#order.releases.list(name) }
  }

  /** Ends a process, closes its port and forgets it. */
  async remove(name: string): Promise<void> {
    await this.#turns.take(name, async () => {
      // Written down first: killed in between, nothing comes back.
      await this.#desired.remove(name)
      await this.#tellNames().catch(() => undefined)
      await this.#end(name)
      await this.#order.releases.keepLast(undefined, name)
    })
  }

  /** Names of those that use a store. */
  usersOf(store: string): string[] {
    return this.#desired.all().flatMap(({ spec }) => (spec.stores?.includes(store) ? [spec.name] : []))
  }

  async close(): Promise<void> {
    this.#closed = true
    while (this.#keepers.size > 0 || this.#turns.busy) {
      const keepers = [...this.#keepers]
      await Promise.all(keepers.map(([, keeper]) => keeper.close(false)))
      for (const [name] of keepers) this.#keepers.delete(name)
      await this.#turns.all()
    }
  }

  async #open(spec: ProcessSpec): Promise<Kept> {
    if (isJob(spec)) return this.#keep(spec, 0)
    for (;;) {
      const port = await this.#ports.take(spec.name)
      try {
        return await this.#keep(spec, port)
      } catch (error) {
        this.#ports.give(port)
        // Taken by somebody between our look and our use of it; the next look sees that.
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      }
    }
  }

  async #resume(spec: ProcessSpec, port: number): Promise<void> {
    const wanted = { spec, release: this.#order.releases.path(spec) }
    this.#ports.claim(port)
    await this.#keep(spec, port, wanted).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      // Somebody else has its port now: it moves, and the next refresh shows so.
      const moved = await this.#ports.take(spec.name)
      this.#ports.give(port)
      await this.#desired.set({ spec, port: moved })
      await this.#keep(spec, moved, wanted)
    })
  }

  async #keep(spec: ProcessSpec, port: number, wanted?: Wanted): Promise<Kept> {
    const { folder, times, place, clock = hostClock } = this.#order
    const own = { name: spec.name, folder, starter: this.#starter, ...(wanted === undefined ? {} : { wanted }) }
    const keeper = isJob(spec)
      ? await JobKeeper.open({ ...own, graceMs: times.grace, clock })
      : await Keeper.open({ ...own, port, times, place, room: this.#room })
    this.#keepers.set(spec.name, keeper)
    return keeper
  }

  /** All names of what shall run, with one of them as it is about to be. Throws `conflict.state` for a name that is taken. */
  async #tellNames(next?: { spec: ProcessSpec; port: number }): Promise<void> {
    const others = this.#desired.all().filter(({ spec }) => spec.name !== next?.spec.name)
    for (const { spec } of others) {
      const taken = spec.domains?.find((name) => next?.spec.domains?.includes(name))
      if (taken === undefined) continue
      throw new PipiError('conflict.state', `${taken} leads to ${spec.name} on this host already`, {
        hint: 'Take it away from that workspace first, or choose another name.',
      })
    }
    const all = next === undefined ? others : [...others, next]
    await this.#order.names.tell(all.map(({ spec, port }) => ({ names: spec.domains ?? [], port })))
  }

  async #end(name: string): Promise<void> {
    const keeper = this.#keepers.get(name)
    this.#keepers.delete(name)
    await keeper?.close(true)
    if (keeper !== undefined) this.#ports.give(keeper.port)
  }
}

function isJob({ runtime }: ProcessSpec): boolean {
  return runtime === 'job'
}
