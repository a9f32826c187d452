import { PipiError } from '../../../catalog/errors.ts'
import type { Clock } from './clock.ts'
import { DesiredState } from './desired.ts'
import type { Groups } from './groups.ts'
import { isJob, Keepers } from './keepers.ts'
import type { Kept } from './kept.ts'
import type { Place } from './place.ts'
import { INNER_PORTS, PortPool } from './ports.ts'
import type { PublicNames } from './public-names.ts'
import type { Releases } from './releases.ts'
import { Roots } from './roots.ts'
import type { ProcessSpec, ProcessStatus } from './spec.ts'
import { Starter } from './starter.ts'
import type { Stores } from './stores.ts'
import type { Times } from './times.ts'
import { Turns } from './turns.ts'

export interface ProcessesOrder {
  folder: string
  tag: string
  releases: Releases
  stores: Stores
  times: Times
  /** Where people reach them. */
  ports: PortPool
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
  readonly #roots: Roots
  readonly #keepers: Keepers
  readonly #turns = new Turns()
  #closed = false

  /** Starts everything that was running when the supervisor ended; does not wait until it is healthy. */
  static async open(order: ProcessesOrder): Promise<Processes> {
    const desired = await DesiredState.open(`${order.folder}/desired`)
    const images = desired.all().filter(({ spec }) => spec.runtime === 'container')
    const roots = await Roots.open(
      `${order.folder}/roots`,
      images.map(({ spec }) => spec),
    )
    const processes = new Processes(order, desired, roots)
    try {
      const all = desired.all()
      await order.releases.keepOnlyOf(all.map(({ spec }) => spec))
      for (const { port } of all) processes.#keepers.claim(port)
      for (const { spec, port } of all) await processes.#resume(spec, port)
      // Caddy may start after us; it is told again and again.
      await processes.#tellNames().catch(() => undefined)
    } catch (error) {
      await processes.close()
      throw error
    }
    return processes
  }

  private constructor(order: ProcessesOrder, desired: DesiredState, roots: Roots) {
    const { folder, tag, stores, groups } = order
    this.#order = order
    this.#desired = desired
    this.#roots = roots
    const inner = { folder, tag, stores, roots, ports: new PortPool(INNER_PORTS) }
    const starter = new Starter({ ...inner, ...(groups === undefined ? {} : { groups }) })
    this.#keepers = new Keepers({ ...order, starter })
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
      const copied = await releases.make(spec).catch(async (error: unknown) => {
        if (before === undefined) await releases.keepLast(undefined, spec.name)
        throw error
      })
      if (before !== undefined && isJob(before.spec) !== isJob(spec)) await this.#keepers.end(spec.name)
      const known = this.#keepers.get(spec.name)
      try {
        const keeper = known ?? (await this.#keepers.open(spec))
        const decide = async () => {
          await this.#tellNames({ spec, port: keeper.port })
          await this.#desired.set({ spec, port: keeper.port })
        }
        if (spec.stopped === true) await keeper.rest(decide)
        else await keeper.replace({ spec, release: releases.path(spec) }, decide)
        await releases.keepLast(spec, spec.name)
        await this.#roots.want(spec.name, spec.runtime === 'container' ? spec.digest : undefined)
        return { spec, ...(await this.#look(keeper, spec.name)) }
      } catch (error) {
        await this.#tellNames().catch(() => undefined)
        if (known === undefined) await this.#keepers.end(spec.name)
        // As it was, or as it was decided just before we were told to end.
        const wanted = this.#desired.get(spec.name)
        if (wanted === undefined) await releases.keepLast(undefined, spec.name)
        else if (copied && wanted.spec.digest !== spec.digest) await releases.remove(spec)
        if (wanted !== undefined && known === undefined && !this.#closed) await this.#resume(wanted.spec, wanted.port)
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
    const found = await Promise.all(this.#keepers.names().map((name) => this.#status(name)))
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
      await this.#keepers.end(name)
      await this.#roots.want(name, undefined)
      await this.#order.releases.keepLast(undefined, name)
    })
  }

  /** Names of those that use a store. */
  usersOf(store: string): string[] {
    return this.#desired.all().flatMap(({ spec }) => (spec.stores?.includes(store) ? [spec.name] : []))
  }

  async close(): Promise<void> {
    this.#closed = true
    do {
      await this.#keepers.close()
      await this.#turns.all()
    } while (this.#keepers.names().length > 0 || this.#turns.busy)
  }

  /** Brings back what shall run, in the background; a port that had to move is written down, and the next refresh shows so. */
  async #resume(spec: ProcessSpec, port: number): Promise<void> {
    const keeper = await this.#keepers.resume({ spec, release: this.#order.releases.path(spec) }, port)
    if (keeper.port !== port) await this.#desired.set({ spec, port: keeper.port })
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
}
