import type { Database } from './open.ts'

/**
 * `accepted` -> `assigned`. False when it is not there to be assigned any more: taken by another commander, cancelled,
 * or not the first of its workspace.
 * @param sealed its workspace's secrets as they are now, and what it is let in with, for its engine alone
 */
export async function assign(
  db: Database,
  id: string,
  sealed: { secrets?: Uint8Array | undefined; credentials?: Uint8Array | undefined } = {},
): Promise<boolean> {
  const rows = await db.query(
    `update pipi.deployments d set status = 'assigned', waiting_for = 'a free engine', sealed = $2, credentials = $3
     where d.id = $1 and d.status = 'accepted' and (d.cancel_requested_at is null or d.started_at is not null)
       and not exists (select from pipi.deployments e where e.workspace = d.workspace and e.position < d.position and e.finished_at is null)
     returning d.id`,
    [id, sealed.secrets ?? null, sealed.credentials ?? null],
  )
  return rows.length === 1
}

/** Says what an accepted deployment waits for; nothing when it has gone on meanwhile. */
export async function sayWaiting(db: Database, id: string, waitingFor: string): Promise<void> {
  await db.query(
    `update pipi.deployments set waiting_for = $2 where id = $1 and status = 'accepted' and waiting_for is distinct from $2`,
    [id, waitingFor],
  )
}

/** Assigned, and no engine has come for it: its job may have been lost with the queue. */
export async function assignedNotTaken(
  db: Database,
  olderThanMs: number,
): Promise<{ id: string; engine: string; attempt: number }[]> {
  return db.query(
    `select d.id, d.engine, d.attempt from pipi.deployments d
     where d.status = 'assigned' and d.assigned_at < clock_timestamp() - $1 * interval '1 ms'
       and not exists (select from pipi.leases l where l.workspace = d.workspace and l.deployment = d.id and l.holder is not null)
     order by d.id`,
    [olderThanMs],
  )
}
