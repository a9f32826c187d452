import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Ends } from './ends.ts'
import { type Gate, openGate } from './gate.ts'
import { becomeHealthy, lookAfter } from './health.ts'
import type { Instance } from './instance.ts'
import type { Kept } from './kept.ts'
import { openLog, type ProcessLog } from './log.ts'
import type { Place } from './place.ts'
import { Run, type Wanted } from './run.ts'
import type { ProcessStatus } from './spec.ts'
import type { Starter } from './starter.ts'
import type { SwitchingRoom } from './switching-room.ts'
import type { Times } from './times.ts'

export interface KeeperOrder {
  name: string
  port: number
  /** The supervisor's folder. */
  folder: string
  times: Times
  place: Pick<Place, 'listen' | 'address'>
  starter: Starter
  room: SwitchingRoom
  /** After a restart of the supervisor: started in the background, again and again until it is healthy. */
  wanted?: Wanted
}

/**
 * Keeps one process running behind one port, from its first start to its removal. Each version of it is a run; a run
 * starts instances one after another until it is relieved by the next run.
 */
export class Keeper implements Kept {
  readonly port: number
  readonly #order: KeeperOrder
  readonly #gate: Gate
  readonly #log: ProcessLog
  readonly #ends: Ends
  readonly #tending = new Set<Promise<void>>()
  readonly #relieving = new Set<Promise<void>>()
  /** Nobody's requests are waited for any longer than the grace. */
  readonly #hurry = new AbortController()
  #run: Run | undefined
  /** Started beside what runs, and not healthy yet. */
  #candidate: Run | undefined
  #resting = false

  /** Opens the port. Throws when somebody else has it. */
  static async open(order: KeeperOrder): Promise<Keeper> {
    const gate = await openGate(order.port, order.place.listen)
    const log = await openLog(join(order.folder, 'logs', `${order.name}.log`))
    return new Keeper(order, gate, log)
  }

  private constructor(order: KeeperOrder, gate: Gate, log: ProcessLog) {
    this.port = order.port
    this.#order = order
    this.#gate = gate
    this.#log = log
    this.#ends = new Ends(order.times)
    this.#resting = order.wanted?.spec.stopped === true
    if (order.wanted !== undefined && !this.#resting) this.#begin(new Run(order.wanted), undefined)
  }

  /**
   * Starts the new version beside the old one and waits until it is healthy; `decide` makes it the wanted one for good;
   * then it takes over the port, and the old one ends once it has answered what it was asked. When either throws, the
   * old one runs on.
   */
  async replace(wanted: Wanted, decide: () => Promise<void>): Promise<void> {
    const run = new Run(wanted)
    this.#candidate = run
    const { room, times } = this.#order
    const leaveRoom = await room.beside(this.#run?.wanted.spec.memory ?? 0, times.healthy, run.relieved)
    try {
      const instance = await this.#start(run)
      try {
        run.relieved.throwIfAborted()
        await decide()
        run.relieved.throwIfAborted()
      } catch (error) {
        await instance.stop(0)
        throw error
      }
      this.#candidate = undefined
      this.#resting = false
      const old = this.#run
      this.#ends.forget()
      this.#begin(run, instance)
      if (old === undefined) leaveRoom()
      else track(this.#relieving, this.#relieve(old, times.drain).finally(leaveRoom))
    } catch (error) {
      leaveRoom()
      throw error
    }
  }

  /** `decide` makes it stand still for good; then what runs ends its requests and ends, and callers are told 503. */
  async rest(decide: () => Promise<void>): Promise<void> {
    await decide()
    const run = this.#run
    this.#run = undefined
    this.#resting = true
    this.#gate.lead(undefined)
    if (run !== undefined) await this.#relieve(run, this.#order.times.grace)
  }

  async status(): Promise<Omit<ProcessStatus, 'spec'>> {
    const instance = this.#run?.instance
    const trouble = this.#ends.trouble()
    return {
      port: this.port,
      url: `http://${this.#order.place.address}:${this.port}/`,
      state: this.#resting
        ? 'stopped'
        : instance !== undefined
          ? 'running'
          : this.#run?.waiting
            ? 'waiting'
            : 'starting',
      pid: instance?.pid,
      restarts: this.#ends.count,
      memory: instance === undefined ? 0 : Math.ceil(await instance.memory()),
      lastLines: this.#log.lastLines(),
      ...(trouble === undefined || this.#resting ? {} : { trouble }),
    }
  }

  /** Ends it and closes the port. `forget`: its log goes too. */
  async close(forget: boolean): Promise<void> {
    const { grace } = this.#order.times
    const run = this.#run
    this.#run = undefined
    this.#gate.lead(undefined)
    this.#candidate?.relieve()
    setTimeout(() => this.#hurry.abort(), grace).unref()
    if (run !== undefined) track(this.#relieving, this.#relieve(run, grace))
    await Promise.all([...this.#tending, ...this.#relieving])
    await this.#gate.close()
    if (forget) await this.#log.remove()
  }

  #begin(run: Run, instance: Instance | undefined): void {
    this.#run = run
    track(this.#tending, this.#tend(run, instance))
  }

  async #tend(run: Run, first: Instance | undefined): Promise<void> {
    let instance = first
    while (!run.relieved.aborted) {
      instance ??= await this.#start(run).catch(async (error: Error) => {
        if (!run.relieved.aborted) await this.#log.note(error.message)
        return undefined
      })
      let [how, ran] = ['could not be started', 0]
      if (instance !== undefined) {
        if (run.relieved.aborted) return instance.stop(0)
        const since = performance.now()
        how = await this.#carry(run, instance)
        // Whoever relieved the run ends its instance.
        if (run.relieved.aborted) return
        ran = performance.now() - since
        await instance.stop(0)
        instance = undefined
      }
      if (run.relieved.aborted) return
      const wait = this.#ends.add(how, ran)
      await this.#log.note(this.#ends.trouble() ?? `It ${how}; starting again.`)
      run.waiting = true
      await delay(wait, undefined, { signal: run.relieved }).catch(() => undefined)
      run.waiting = false
    }
  }

  /** Lets an instance answer until it ends. */
  async #carry(run: Run, instance: Instance): Promise<string> {
    run.instance = instance
    this.#ends.healthy()
    this.#gate.lead(instance.port)
    const looking = lookAfter(instance, this.#order.times, run.relieved)
    const how = await Promise.race([instance.ended, aborted(run.relieved)])
    if (run.relieved.aborted) return how
    run.instance = undefined
    this.#gate.lead(undefined)
    return (await looking) ?? how
  }

  async #start(run: Run): Promise<Instance> {
    const { name, times, starter } = this.#order
    const instance = await starter.start(name, run.wanted, this.#log, true)
    try {
      await becomeHealthy(instance, times, run.relieved)
      return instance
    } catch (error) {
      await instance.stop(0)
      throw error
    }
  }

  async #relieve(run: Run, patienceMs: number): Promise<void> {
    const { instance } = run
    run.relieve()
    if (instance === undefined) return
    await this.#gate.drained(instance.port, AbortSignal.any([this.#hurry.signal, AbortSignal.timeout(patienceMs)]))
    await instance.stop(this.#order.times.grace)
  }
}

async function aborted(signal: AbortSignal): Promise<string> {
  if (!signal.aborted) await once(signal, 'abort')
  return 'was relieved'
}

function track(set: Set<Promise<void>>, going: Promise<void>): void {
  set.add(going)
  void going.finally(() => set.delete(going))
}
