import type { Engine } from '../../../engines/contract/engine.ts'
import { look } from '../../../factory/stem-cell/watch/look.ts'
import { expireWorkspaces } from '../../commander/expire.ts'
import { type ReaderDelay, watchUse } from '../../commander/kill-switch.ts'
import { type RuleOf, standStill } from '../../commander/stand-still.ts'
import type { Log } from '../../log.ts'
import { readerDelays } from '../../start/watches.ts'
import { assign } from '../../store/assign.ts'
import { nextToAssign } from '../../store/next-to-assign.ts'
import { openWatches, requestWatch } from '../../store/watches.ts'
import type { LightWorld } from '../light/light-world.ts'
import type { Estate } from './estate.ts'

export const HOUR_MS = 3_600_000
/** As often as a platform's own clones look, by its default settings. */
export const CLOSE_LOOK_MS = 300_000

/** What the platform does by itself, done when the drill says so: reading what was used, the kill switch, promised ends. */
export class Watchtower {
  readonly #world: LightWorld
  readonly #log: Log
  readonly #delayOf: ReaderDelay
  readonly #ruleOf: RuleOf

  constructor(world: LightWorld, log: Log) {
    this.#world = world
    this.#log = log
    const engines = new Map([...world.births.values()].map(({ engine }) => [engine.dna.code, engine]))
    this.#delayOf = readerDelays(engines)
    this.#ruleOf = (engine, type) => engines.get(engine)?.rules[type]
  }

  /** How often the drill looks at a cloud account: the kill switch reckons with the time between two looks. */
  async lookEvery(cloudAccount: string, ms: number): Promise<void> {
    const { db, births } = this.#world
    if (births.get(cloudAccount)?.engine.watch.usage !== undefined) await openWatches(db, cloudAccount, { usage: ms })
  }

  /** What was used at these cloud accounts, each read by its engine's own module, where it has one. */
  async read(cloudAccounts: readonly string[]): Promise<void> {
    const { db, births } = this.#world
    const engines = Map.groupBy(cloudAccounts, (id) => births.get(id)?.engine.dna.code ?? '')
    await Promise.all(
      [...engines.values()].map(async (ids) => {
        for (const id of ids) if (births.get(id)?.engine.watch.usage !== undefined) await requestWatch(db, id, 'usage')
        const [first = ''] = ids
        await this.#readDue(first)
      }),
    )
  }

  /** Whatever is due at an engine's cloud accounts, one after the other. */
  async #readDue(cloudAccount: string): Promise<void> {
    const { births } = this.#world
    const birth = births.get(cloudAccount)
    if (birth?.engine.watch.usage === undefined) return
    for (;;) {
      const watch = await birth.truth.takeWatch(birth.clone, ['usage'])
      const whose = watch === null ? undefined : births.get(watch.cloudAccount.id)
      if (watch === null || whose === undefined) return
      const report = await look(whose, whose.upstreams, watch, new AbortController().signal)
      if (!report.ok) this.#log('error', `a reading failed: ${report.message}`, { cloudAccount: watch.cloudAccount.id })
      await birth.truth.reportWatch(watch, report)
    }
  }

  /** The kill switch, the standstill that follows it, and ends that were promised: what is to be done is asked for. */
  async keepHouse(): Promise<void> {
    const { db } = this.#world
    await watchUse(db, this.#log, this.#delayOf)
    await standStill(db, this.#log, this.#ruleOf)
    await expireWorkspaces(db, this.#log, this.#ruleOf)
  }

  /** Hands out what the platform has asked for by itself; at each cloud account one after the other. */
  async dispatch(estates: ReadonlyMap<string, Estate>): Promise<void> {
    const asked = await nextToAssign(this.#world.db, 1_000)
    const accounts = Map.groupBy(asked, (one) => one.cloudAccount)
    await Promise.all(
      [...accounts].map(async ([cloudAccount, list]) => {
        for (const { id } of list) {
          if (await assign(this.#world.db, id)) await estates.get(cloudAccount)?.carryOut(id)
        }
      }),
    )
  }

  /** Whether a platform tells within the hour what was used of one of these meters. */
  isQuick({ dna, watch }: Engine, meters: readonly string[]): boolean {
    return watch.usage !== undefined && meters.some((meter) => this.#delayOf(dna.code, meter) < HOUR_MS)
  }

  /** How each cloud account's switch stands. */
  async switches(): Promise<Map<string, string>> {
    const rows = await this.#world.db.query<{ id: string; switch: string }>(
      'select id, switch from pipi.cloud_accounts',
    )
    return new Map(rows.map((row) => [row.id, row.switch]))
  }
}
