import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { Clock } from './clock.ts'
import type { Instance } from './instance.ts'
import { JobRuns } from './job-runs.ts'
import type { Kept } from './kept.ts'
import { openLog, type ProcessLog } from './log.ts'
import type { Wanted } from './run.ts'
import { nextTime } from './schedule.ts'
import type { JobRun, ProcessStatus } from './spec.ts'
import type { Starter } from './starter.ts'

export interface JobKeeperOrder {
  name: string
  /** The supervisor's folder. */
  folder: string
  graceMs: number
  starter: Starter
  clock: Clock
  /** After a restart of the supervisor. */
  wanted?: Wanted
}

const TIMEOUT_S = 60

/**
 * Runs a module at the times of its schedule, never two at once: a time that comes while one runs is passed over, and so
 * are those at which no supervisor ran. Each run is written down before it begins, so that no time is run twice.
 */
export class JobKeeper implements Kept {
  readonly port = 0
  readonly #order: JobKeeperOrder
  readonly #log: ProcessLog
  readonly #runs: JobRuns
  #plan = new AbortController()
  #planning: Promise<void> = Promise.resolve()
  #wanted: Wanted | undefined
  #instance: Instance | undefined
  #next: number | undefined
  /** Also a run that is being started ends. */
  #halted = false

  static async open(order: JobKeeperOrder): Promise<JobKeeper> {
    const log = await openLog(join(order.folder, 'logs', `${order.name}.log`))
    return new JobKeeper(order, log, await JobRuns.open(join(order.folder, 'runs', `${order.name}.json`)))
  }

  private constructor(order: JobKeeperOrder, log: ProcessLog, runs: JobRuns) {
    this.#order = order
    this.#log = log
    this.#runs = runs
    if (order.wanted !== undefined) this.#follow(order.wanted)
  }

  /** From now on the new version is run; one that runs already runs to its end. */
  async replace(wanted: Wanted, decide: () => Promise<void>): Promise<void> {
    const { spec, release } = wanted
    nextTime(spec.schedule ?? '', this.#order.clock.now())
    await access(join(release, spec.main)).catch((cause: unknown) => {
      throw new PipiError('verify.failed', `${spec.name} has no ${spec.main}, which shall be run`, {
        hint: 'Name the module with "main", and look whether the build leaves it in its output.',
        cause,
      })
    })
    await decide()
    this.#follow(wanted)
  }

  async rest(decide: () => Promise<void>): Promise<void> {
    await decide()
    this.#wanted = undefined
    await this.#halt()
  }

  async status(): Promise<Omit<ProcessStatus, 'spec'>> {
    const instance = this.#instance
    const runs = this.#runs.newestFirst()
    return {
      port: 0,
      url: '',
      state: this.#wanted === undefined ? 'stopped' : instance === undefined ? 'waiting' : 'running',
      pid: instance?.pid,
      restarts: 0,
      memory: instance === undefined ? 0 : Math.ceil(await instance.memory()),
      lastLines: this.#log.lastLines(),
      runs,
      ...(this.#next === undefined || this.#wanted === undefined ? {} : { next: new Date(this.#next).toISOString() }),
      ...troubleOf(runs),
    }
  }

  async close(forget: boolean): Promise<void> {
    await this.#halt()
    if (!forget) return
    await this.#log.remove()
    await this.#runs.remove()
  }

  async #halt(): Promise<void> {
    this.#halted = true
    this.#plan.abort()
    await this.#instance?.stop(this.#order.graceMs)
    await this.#planning
  }

  /** One plan follows another: a run of the old one ends first. */
  #follow(wanted: Wanted): void {
    this.#plan.abort()
    this.#wanted = wanted.spec.stopped === true ? undefined : wanted
    if (this.#wanted === undefined) return
    const plan = new AbortController()
    this.#plan = plan
    this.#halted = false
    this.#planning = this.#planning.then(() => this.#work(wanted, plan.signal))
  }

  async #work(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { clock } = this.#order
    const { schedule = '' } = wanted.spec
    while (!signal.aborted) {
      // Never a time that was run already, also when the clock was set back.
      const at = nextTime(schedule, Math.max(clock.now(), this.#runs.lastTime()))
      this.#next = at
      await clock.until(at, signal)
      if (signal.aborted) return
      await this.#runAt(at, wanted).catch((error: Error) => this.#log.note(`It could not be run: ${error.message}`))
    }
  }

  async #runAt(at: number, wanted: Wanted): Promise<void> {
    const { clock, starter, name } = this.#order
    const { timeout = TIMEOUT_S } = wanted.spec
    const begun = { at: iso(at), started: iso(clock.now()) }
    await this.#runs.begin(begun)
    let [outcome, ok] = ['', false]
    try {
      const instance = await starter.start(name, wanted, this.#log, false)
      this.#instance = instance
      if (this.#halted) await instance.stop(0)
      const late = new AbortController()
      const tooLong = delay(timeout * 1000, `ran for ${timeout} seconds and was ended`, { signal: late.signal })
      outcome = await Promise.race([instance.ended, tooLong])
      late.abort()
      tooLong.catch(() => undefined)
      ok = instance.code() === 0
      // Also what it started and left behind.
      await instance.stop(ok ? 0 : this.#order.graceMs)
      if (this.#halted && !ok) outcome = INTERRUPTED
    } catch (error) {
      outcome = `could not be started: ${(error as Error).message}`
    } finally {
      this.#instance = undefined
      await this.#runs.end({ ...begun, ended: iso(clock.now()), outcome: ok ? 'succeeded' : outcome, ok })
      if (!ok) await this.#log.note(`The run of ${begun.at} ${outcome}.`)
    }
  }
}

const INTERRUPTED = 'was ended before it was done'
const ROW = 3

function troubleOf(runs: JobRun[]): { trouble?: string } {
  const ended = runs.filter((run) => run.ended !== undefined)
  const good = ended.findIndex((run) => run.ok)
  const failed = good === -1 ? ended.length : good
  return failed < ROW ? {} : { trouble: `Its last ${failed} runs failed; the last one ${ended[0]?.outcome}.` }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
