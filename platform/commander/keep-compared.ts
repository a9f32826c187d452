import { ttlMs } from '../../engines/contract/manifest.ts'
import type { Log } from '../log.ts'
import { comparable, type ToCompare, takeComparison } from '../store/comparable.ts'
import type { Database } from '../store/open.ts'
import { askInternally } from './ask-internally.ts'

/** Comparisons that an engine has under way at most. */
const AT_ONCE = 1

/**
 * Compares what runs with its platform as often as its manifest says (`upkeep.refresh`). It is nobody's hurry: one at a
 * time for each engine, accounts taking turns, the one that is longest due first, and none as long as a deployment of
 * that engine waits. One that failed is due again at its next time.
 * @returns whether there is something new to assign
 */
export async function keepCompared(db: Database, log: Log): Promise<boolean> {
  let asked = false
  for (const one of chosen(await comparable(db))) {
    const time = await takeComparison(db, one)
    // Another platform has taken it meanwhile.
    if (time === undefined) continue
    const { id } = await askInternally(db, one, 'refresh', `compare ${time}`)
    log('info', `${one.name} is compared with its platform (${id})`, { workspace: one.id })
    asked = true
  }
  return asked
}

/** Exported for its test: a pure decision. */
export function chosen(all: readonly ToCompare[]): ToCompare[] {
  const due = all
    .map((one) => ({ ...one, overdueMs: one.sinceMs - ttlMs(one.every) }))
    // A clock that was set back has put it far away.
    .filter((one) => one.overdueMs >= 0 || one.sinceMs < -ttlMs(one.every))
    .filter((one) => !one.busy)
  const turns = new Map<string, number>()
  const inTurn = due
    .sort((a, b) => b.overdueMs - a.overdueMs || a.id.localeCompare(b.id))
    .map((one) => {
      const turn = turns.get(one.account) ?? 0
      turns.set(one.account, turn + 1)
      return { one, turn }
    })
    .sort((a, b) => a.turn - b.turn || b.one.servedMs - a.one.servedMs || b.one.overdueMs - a.one.overdueMs)
  const free = new Map<string, number>()
  return inTurn.flatMap(({ one }) => {
    const left = free.get(one.engine) ?? AT_ONCE - one.underWay
    if (left <= 0) return []
    free.set(one.engine, left - 1)
    return [one]
  })
}
