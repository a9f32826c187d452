import { PipiError } from '../../catalog/errors.ts'
import type { Log } from '../log.ts'
import { reopenFailedCreates, type Uncertain, uncertainWorkspaces } from '../store/house.ts'
import type { Database } from '../store/open.ts'
import { tellOfWorkspace, tellOnce } from '../store/tell.ts'
import { requestWatch } from '../store/watches.ts'
import { askInternally } from './ask-internally.ts'
import { type BackOff, nextTry } from './back-off.ts'

const REFRESH: BackOff = { firstMs: 60_000, most: 4 }

/**
 * Nothing stays uncertain for ever: once the provider's deadline is over, the platform itself asks what exists. What is
 * still not known after some tries is told: then a person's deploy or destroy, which adopts or deletes, is the way.
 * @returns whether there is something new to assign
 */
export async function sweepUncertain(db: Database, log: Log): Promise<boolean> {
  await reopenFailedCreates(db)
  let asked = false
  for (const one of await uncertainWorkspaces(db)) {
    try {
      asked = (await sweepOne(db, log, one)) || asked
    } catch (error) {
      // One that cannot be asked about keeps no other from being looked up.
      log('error', `what exists of ${one.name} cannot be looked up: ${PipiError.from(error).message}`, {
        workspace: one.id,
      })
    }
  }
  return asked
}

async function sweepOne(db: Database, log: Log, one: Uncertain): Promise<boolean> {
  const verdict = nextTry(one.tries, one.sinceMs, REFRESH)
  // Looked up and still open: something is there that nobody holds. A survey counts it beside ours, long before
  // its owner decides.
  if (one.tries > 0 && (await tellOnce(db, one.id, 'survey.asked', one.since, async () => undefined)))
    await requestWatch(db, one.cloudAccount, 'survey')
  if (verdict === 'later') return false
  if (verdict === 'never') {
    const first = await tellOnce(db, one.id, 'recovery.needs-decision', one.since, (tx) =>
      tellOfWorkspace(tx, one, 'recovery.needs-decision', {
        workspace: one.name,
        engine: one.engine,
        tries: one.tries,
        hint: `deploy or destroy ${one.name} again: that adopts or deletes what is found`,
      }),
    )
    if (first) log('error', `nobody can say what exists of ${one.name}: somebody has to look`, { workspace: one.id })
    return false
  }
  const { id } = await askInternally(db, one, 'refresh', `${one.since} ${one.tries}`)
  log('warn', `what exists of ${one.name} is not certain: it is looked up (${id})`, { workspace: one.id })
  return true
}
