import type { WatchKind } from '../../../factory/contract/truth.ts'
import { look } from '../../../factory/stem-cell/watch/look.ts'
import { expireWorkspaces } from '../../commander/expire.ts'
import { type ReaderDelay, watchUse } from '../../commander/kill-switch.ts'
import { type RuleOf, standStill } from '../../commander/stand-still.ts'
import type { Log } from '../../log.ts'
import { readerDelays } from '../../start/watches.ts'
import { requestWatch } from '../../store/watches.ts'
import type { LightWorld } from '../light/light-world.ts'

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

  /** One reading of what was used at a cloud account, by its engine's own module. False: the engine has none. */
  async read(cloudAccount: string): Promise<boolean> {
    const { db, births } = this.#world
    const birth = births.get(cloudAccount)
    if (birth?.engine.watch.usage === undefined) return false
    if ((await requestWatch(db, cloudAccount, 'usage')) === undefined) return false
    // Of one engine's accounts any may be due: all that are, are looked at.
    for (;;) {
      const kinds: WatchKind[] = ['usage']
      const watch = await birth.truth.takeWatch(birth.clone, kinds)
      const whose = watch === null ? undefined : births.get(watch.cloudAccount.id)
      if (watch === null || whose === undefined) return true
      const report = await look(whose, whose.upstreams, watch, new AbortController().signal)
      if (!report.ok) this.#log('warn', `a reading failed: ${report.message}`, { cloudAccount: watch.cloudAccount.id })
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

  /** How each cloud account's switch stands. */
  async switches(): Promise<Map<string, string>> {
    const rows = await this.#world.db.query<{ id: string; switch: string }>(
      'select id, switch from pipi.cloud_accounts',
    )
    return new Map(rows.map((row) => [row.id, row.switch]))
  }
}
