import type { Log } from '../log.ts'
import { type Ending, endingWorkspaces, expiredCredits } from '../store/house.ts'
import type { Database } from '../store/open.ts'
import { tellOfWorkspace, tellOnce, tellOwners } from '../store/tell.ts'
import { askInternally } from './ask-internally.ts'
import { type BackOff, nextTry } from './back-off.ts'
import type { RuleOf } from './stand-still.ts'

const DESTROY: BackOff = { firstMs: 60_000, most: 5 }
const DAY_MS = 86_400_000

/**
 * Keeps promised ends: in the last tenth of its time, a day at most, the owner is told; then the workspace is destroyed.
 * What holds users' data is never destroyed by itself: it stays, and its owner is told.
 * @returns whether there is something new to assign
 */
export async function expireWorkspaces(db: Database, log: Log, ruleOf: RuleOf): Promise<boolean> {
  let asked = false
  for (const one of await endingWorkspaces(db)) {
    const endsAt = one.endsAt.toISOString()
    const tell = async (event: string, data: Record<string, unknown>, level: 'warn' | 'error') => {
      const said = { workspace: one.name, engine: one.engine, endsAt, ...data }
      if (await tellOnce(db, one.id, event, endsAt, (tx) => tellOfWorkspace(tx, one, event, said)))
        log(level, `${one.name}: ${event}`, said)
    }
    if (one.leftMs > 0) {
      if (one.leftMs <= Math.min(DAY_MS, one.totalMs / 10)) await tell('workspace.expiring', {}, 'warn')
      continue
    }
    const kept = keptTypes(one, ruleOf)
    const verdict = nextTry(one.tries, one.sinceMs, DESTROY)
    if (kept.stay) {
      const hint = `./pipi destroy ${one.name} --delete-data when it may go, or deploy it with a later end`
      await tell('workspace.expired-kept', { holdsData: kept.types, hint }, 'error')
    } else if (verdict === 'never') {
      await tell(
        'workspace.expired-stays',
        { tries: one.tries, hint: `look at its last destroy: ./pipi status ${one.name}` },
        'error',
      )
    } else if (verdict === 'now') {
      const { id } = await askInternally(db, one, 'destroy', `${endsAt} ${one.tries}`)
      log('info', `${one.name} has reached its end and is destroyed (${id})`, { workspace: one.id })
      asked = true
    }
  }
  return asked
}

/** What holds data of it, and whether that is all there is to take down or leave. */
function keptTypes({ engine, types, taken }: Ending, ruleOf: RuleOf): { types: string[]; stay: boolean } {
  // Of a type that no rule knows nobody can say that it holds nothing.
  const unknown = types.some((type) => ruleOf(engine, type) === undefined)
  const kept = types.filter((type) => ruleOf(engine, type)?.stateful !== false)
  return { types: kept, stay: kept.length > 0 && (unknown || taken || kept.length === types.length) }
}

/** A credit past its last day pays for nothing more: its meter sinks, and the owner is told. */
export async function expireCredits(db: Database, log: Log): Promise<void> {
  for (const { id, cloudAccount, usd, expires } of await expiredCredits(db)) {
    const first = await tellOnce(db, id, 'credit.expired', '', async (tx) => {
      await tx.query('select pipi.seed_money($1)', [cloudAccount])
      await tellOwners(tx, cloudAccount, 'credit.expired', { credit: id, usd, expires: expires.toISOString() })
    })
    if (first) log('warn', `the credit ${id} of ${usd} USD at ${cloudAccount} is past its last day`)
  }
}
