import type { Firing, SimulatedCloud, World } from '../contract/sandbox.ts'
import { worldOf } from './cloud/world.ts'
import type { Database } from './database.ts'
import type { Host } from './host.ts'
import type { KeptResource } from './inventory/resources.ts'

const LOOK_MS = 1_000
/** Runs of one schedule that really happen after a long jump of the clock; the earlier ones are counted as their like. */
const MOST_RUNS = 12
const KEY = 'fired until'

/** Whatever the simulated clouds start by themselves at given times, by the sandbox's clock. */
export class Schedules {
  readonly #host: Host
  readonly #db: Database
  readonly #clouds: SimulatedCloud[]
  #looking: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(host: Host, db: Database, clouds: SimulatedCloud[]) {
    this.#host = host
    this.#db = db
    this.#clouds = clouds.filter(({ resources }) => Object.values(resources).some((one) => one.fires !== undefined))
  }

  /** Starts with what came due while nobody looked. */
  start(): void {
    if (this.#clouds.length === 0) return
    this.#timer = setInterval(() => void this.look().catch(() => undefined), LOOK_MS)
  }

  /** All that is due by now has run when it resolves. */
  look(): Promise<void> {
    const looked = this.#looking.then(() => this.#look())
    this.#looking = looked.catch(() => undefined)
    return looked
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    if (this.#clouds.length === 0) return
    const now = this.#host.clock.now()
    const before = await this.#until()
    // Written first: what is under way when the sandbox is killed is lost, as a run at a cloud is, and never done twice.
    await this.#write(now)
    if (before === undefined || before >= now) return
    for (const cloud of this.#clouds) {
      for (const [type, { fires }] of Object.entries(cloud.resources)) {
        if (fires === undefined) continue
        for (const one of await this.#host.resources.ofType(cloud.engine, type))
          await this.#run(one, await fires(one, Math.max(before, one.createdAt), now, this.#worldFor(one)))
      }
    }
  }

  async #run(schedule: KeptResource, due: Firing[]): Promise<void> {
    const real = due.slice(-MOST_RUNS)
    for (const { at, target, request } of real) {
      if (this.#host.gone.aborted) return
      const found = await this.#host.resources.get(schedule, target.type, target.id)
      if (found === undefined) continue
      await this.#host.servings.call(found, request, { at, more: at === real[0]?.at ? due.length - real.length : 0 })
    }
    if (due.length > 0) this.#host.usage.add(schedule.seq, { requests: due.length, egressBytes: 0, busyMs: 0 })
  }

  #worldFor(one: KeptResource): World {
    return worldOf(this.#host, one, '', `schedule ${one.seq}`)
  }

  async #until(): Promise<number | undefined> {
    const [row] = await this.#db.query<{ value: string }>('select value from sandbox.settings where key = $1', [KEY])
    return row === undefined ? undefined : Number(row.value)
  }

  async #write(at: number): Promise<void> {
    await this.#db.query(
      'insert into sandbox.settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
      [KEY, String(at)],
    )
  }
}
