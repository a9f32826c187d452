import type { EngineFigures } from '../../factory/scaling.ts'
import type { Database } from '../store/open.ts'
import { listClones, stock } from '../store/stock.ts'
import { enginesToWatch } from '../store/watches.ts'

/** The factory's figures from the truth. How long a clone has been idle is measured here, from look to look. */
export function figuresFrom(db: Database, engines: readonly string[]): () => Promise<EngineFigures[]> {
  const idleSince = new Map<string, number>()
  return async () => {
    const [clones, waiting, toWatch] = await Promise.all([listClones(db), stock(db), enginesToWatch(db)])
    const now = Date.now()
    for (const clone of idleSince.keys()) {
      if (!clones.some((one) => one.clone === clone && one.state === 'idle')) idleSince.delete(clone)
    }
    return engines.map((engine) => {
      const line = waiting.find((one) => one.engine === engine)
      return {
        engine,
        waiting: line?.waiting ?? 0,
        oldestWaitMs: line?.oldestWaitMs ?? 0,
        watchDue: toWatch.has(engine),
        clones: clones
          .filter((clone) => clone.engine === engine)
          .map(({ clone, state, drain }) => {
            if (state === 'idle' && !idleSince.has(clone)) idleSince.set(clone, now)
            return { clone, state: drain ? ('draining' as const) : state, idleMs: now - (idleSince.get(clone) ?? now) }
          }),
      }
    })
  }
}
