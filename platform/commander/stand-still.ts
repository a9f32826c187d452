import type { ResourceRule } from '../../engines/contract/engine.ts'
import type { Log } from '../log.ts'
import type { Database } from '../store/open.ts'
import { cancelSuspends, clearTheWay, toResume, toSuspend } from '../store/standstill.ts'
import { tellOfWorkspace, tellOnce } from '../store/tell.ts'
import { askInternally } from './ask-internally.ts'
import { type BackOff, nextTry } from './back-off.ts'

/** What an engine knows of a resource type, as far as housekeeping asks. */
export type RuleOf = (engine: string, type: string) => ResourceRule | undefined

/** What burns must stand still soon: the first pauses are short. */
const SUSPEND: BackOff = { firstMs: 5_000, most: 8 }
const RESUME: BackOff = { firstMs: 30_000, most: 5 }

/**
 * Makes what runs follow the switches: at a suspended cloud account whatever can stand still is suspended, the worst
 * burner first; at one that is open again what stands still is resumed. What cannot stand still, or does not after many
 * tries, is told.
 * @returns whether there is something new to assign
 */
export async function standStill(db: Database, log: Log, ruleOf: RuleOf): Promise<boolean> {
  let asked = false
  const suspended = new Set<string>()
  for (const one of await toSuspend(db)) {
    const { id, name, engine, cloudAccount, types, tries } = one
    const since = one.switchedAt.toISOString()
    const verdict = nextTry(tries, one.sinceMs, SUSPEND)
    const can = types.some((type) => ruleOf(engine, type)?.suspended !== undefined)
    if (!can || verdict === 'never') {
      const why = can ? `${tries} suspends of it have failed` : 'nothing of it can be made to stand still'
      const first = await tellOnce(db, id, 'workspace.burns-on', since, (tx) =>
        tellOfWorkspace(tx, one, 'workspace.burns-on', { workspace: name, engine, cloudAccount, why }),
      )
      if (first) log('error', `${name} burns on at ${cloudAccount}: ${why}`, { workspace: id })
      continue
    }
    if (verdict === 'later') continue
    const { id: deployment } = await askInternally(db, one, 'suspend', `${since} ${tries}`)
    log('warn', `${name} is suspended (${deployment})`, { workspace: id, cloudAccount })
    suspended.add(cloudAccount)
    asked = true
  }
  for (const cloudAccount of suspended) await clearTheWay(db, cloudAccount)

  await cancelSuspends(db)
  for (const one of await toResume(db)) {
    if (nextTry(one.tries, one.sinceMs, RESUME) !== 'now') continue
    const { id: deployment } = await askInternally(db, one, 'resume', `${one.switchedAt.toISOString()} ${one.tries}`)
    log('info', `${one.name} is resumed (${deployment})`, { workspace: one.id })
    asked = true
  }
  return asked
}
