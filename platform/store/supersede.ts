import type { Database } from './open.ts'

/** Older deploys of the same workspace and ref that nobody has begun end as `superseded`. Gives their ids. */
export async function supersede(db: Database, newer: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `update pipi.deployments o set status = 'superseded', error = jsonb_build_object('code', 'conflict.state',
       'message', 'a newer push of ' || coalesce(o.ref, 'the same source') || ' replaces it: ' || n.id, 'hint', 'follow ' || n.id)
     from pipi.deployments n
     where n.id = $1 and o.workspace = n.workspace and o.position < n.position and o.kind = 'deploy' and n.kind = 'deploy'
       and o.ref is not distinct from n.ref and o.status = 'accepted' and o.started_at is null
     returning o.id`,
    [newer],
  )
  return rows.map((row) => row.id)
}
