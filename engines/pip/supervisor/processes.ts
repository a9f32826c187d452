import { PipiError } from '../../../catalog/errors.ts'
import { DesiredState } from './desired.ts'
import { Keeper } from './keeper.ts'
import { INNER_PORTS, PortPool, type PortRange } from './ports.ts'
import type { Releases } from './releases.ts'
import type { Wanted } from './run.ts'
import type { ProcessSpec, ProcessStatus } from './spec.ts'
import type { Times } from './times.ts'
import { Turns } from './turns.ts'

export interface ProcessesOrder {
  folder: string
  tag: string
  releases: Releases
  times: Times
  ports: PortRange
}

/** The digest of files that are not there. */
const NO_FILES = '0'.repeat(64)

/** All processes of a host, by name. What is asked about one name is done one after another. */
export class Processes {
  readonly #order: ProcessesOrder
  readonly #desired: DesiredState
  readonly #keepers = new Map<string, Keeper>()
  readonly #turns = new Turns()
  readonly #ports: PortPool
  readonly #innerPorts = new PortPool(INNER_PORTS)
  #closed = false

  /** Starts everything that was running when the supervisor ended; does not wait until it is healthy. */
  static async open(order: ProcessesOrder): Promise<Processes> {
    const processes = new Processes(order, await DesiredState.open(`${order.folder}/desired`))
    try {
      const desired = processes.#desired.all()
      await order.releases.keepOnlyOf(desired.map(({ spec }) => spec))
      for (const { port } of desired) processes.#ports.claim(port)
      for (const { spec, port } of desired) await processes.#resume(spec, port)
    } catch (error) {
      await processes.close()
      throw error
    }
    return processes
  }

  private constructor(order: ProcessesOrder, desired: DesiredState) {
    this.#order = order
    this.#ports = new PortPool(order.ports)
    this.#desired = desired
  }

  /**
   * Makes a process, or replaces what runs under its name. Returns once the new one is healthy and answers on the port.
   * Throws `verify.failed`, and then everything is as it was.
   */
  async set(spec: ProcessSpec): Promise<ProcessStatus> {
    return this.#turns.take(spec.name, async () => {
      if (this.#closed)
        throw new PipiError('platform.busy', 'The supervisor is ending', { hint: 'Try again in a moment.' })
      const { releases } = this.#order
      const known = this.#keepers.get(spec.name)
      try {
        await releases.make(spec)
        const keeper = known ?? (await this.#open(spec.name))
        const decide = () => this.#desired.set({ spec, port: keeper.port })
        if (spec.stopped === true) await keeper.rest(decide)
        else await keeper.replace({ spec, release: releases.path(spec) }, decide)
        // Its files may be asked for until the old one has gone.
        await keeper.settled()
        return { spec, ...(await keeper.status()) }
      } catch (error) {
        if (known === undefined) await this.#end(spec.name)
        throw error
      } finally {
        await releases.keepOnly(spec.name, this.#desired.get(spec.name)?.spec)
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
    return keeper && desired && { spec: desired.spec, ...(await keeper.status()) }
  }

  /** Ends a process, closes its port and forgets it. */
  async remove(name: string): Promise<void> {
    await this.#turns.take(name, async () => {
      // Written down first: killed in between, nothing comes back.
      await this.#desired.remove(name)
      await this.#end(name)
      await this.#order.releases.keepOnly(name, undefined)
    })
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

  async #open(name: string): Promise<Keeper> {
    const port = await this.#ports.take(name)
    return this.#keep({ name, port }).catch((error: unknown) => {
      this.#ports.give(port)
      throw error
    })
  }

  async #resume(spec: ProcessSpec, port: number): Promise<void> {
    const wanted = { spec, release: this.#order.releases.path(spec) }
    await this.#keep({ name: spec.name, port, wanted }).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error
      // Somebody else has its port now: it moves, and the next refresh shows so.
      const moved = await this.#ports.take(spec.name)
      this.#ports.give(port)
      await this.#desired.set({ spec, port: moved })
      await this.#keep({ name: spec.name, port: moved, wanted })
    })
  }

  async #keep(own: { name: string; port: number; wanted?: Wanted }): Promise<Keeper> {
    const { folder, tag, times } = this.#order
    const keeper = await Keeper.open({ folder, tag, times, innerPorts: this.#innerPorts, ...own })
    this.#keepers.set(own.name, keeper)
    return keeper
  }

  async #end(name: string): Promise<void> {
    const keeper = this.#keepers.get(name)
    this.#keepers.delete(name)
    await keeper?.close(true)
    if (keeper !== undefined) this.#ports.give(keeper.port)
  }
}
