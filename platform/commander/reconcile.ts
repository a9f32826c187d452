import type { Log } from '../log.ts'
import type { Publisher } from '../queue/publish.ts'
import { assignedNotTaken } from '../store/assign.ts'
import type { Database } from '../store/open.ts'
import { markGone } from '../store/stock.ts'
import { takeOver } from '../store/take-over.ts'

/** A clone silent for so long is no more: its leases (10 s) have run out, milliseconds. */
const GONE_MS = 12_000
/** A job is looked for when nobody has come for it within this time, milliseconds. */
const LOST_MS = 1_500

/**
 * What keeps "accepted is never lost" and "nothing waits for ever": silent clones are gone, deployments whose engine
 * stopped or whose time is up wait again (or are dead), and assigned ones whose job was lost get another.
 * @returns whether there may be something to assign now
 */
export async function reconcile(db: Database, publisher: Publisher, log: Log): Promise<boolean> {
  for (const clone of await markGone(db, GONE_MS))
    log('warn', `${clone} has been silent for too long and counts as gone`)
  const taken = await takeOver(db)
  for (const one of taken)
    log('warn', `${one.id} is ${one.became} again: ${one.reason}`, { workspace: one.workspace, was: one.was })
  for (const { id, engine, attempt } of await assignedNotTaken(db, LOST_MS)) {
    if (await publisher.has(engine, id, attempt)) continue
    log('info', `${id} is assigned and no job carries it: it is queued again`)
    await publisher.add(engine, id, attempt)
  }
  return taken.length > 0
}
