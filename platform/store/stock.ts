import type { Beat } from '../../factory/contract/truth.ts'
import type { Database } from './open.ts'

/** A clone as its last sign of life tells it. Ages by the database's clock, milliseconds. */
export interface CloneRecord extends Beat {
  /** It was told to take no new work. */
  drain: boolean
  ageMs: number
  /** Since its last sign of life. */
  silentMs: number
}

export interface EngineStock {
  engine: string
  /** Deployments that wait for an engine, and for how long the oldest has, milliseconds. */
  waiting: number
  oldestWaitMs: number
  /** Taken by a clone and not final. */
  running: number
}

/** Clones that have not gone. */
export async function listClones(db: Database): Promise<CloneRecord[]> {
  return db.query<CloneRecord>(
    `select id as clone, engine, host, pid, state, running, capacity, drain,
       extract(epoch from clock_timestamp() - started_at)::float8 * 1000 as "ageMs", extract(epoch from clock_timestamp() - beat_at)::float8 * 1000 as "silentMs"
     from pipi.clones where state <> 'gone' order by engine, started_at, id`,
  )
}

/** What waits and runs per engine; engines without work are missing. */
export async function stock(db: Database): Promise<EngineStock[]> {
  return db.query<EngineStock>(
    `select d.engine, count(*) filter (where d.status in ('accepted', 'assigned') and d.started_at is null or d.status = 'accepted')::int as waiting,
       coalesce(max(extract(epoch from clock_timestamp() - d.accepted_at)::float8 * 1000) filter (where d.status in ('accepted', 'assigned') and first.yes), 0) as "oldestWaitMs",
       count(*) filter (where d.status not in ('accepted', 'assigned') or (d.status = 'assigned' and d.started_at is not null))::int as running
     from pipi.deployments d
     cross join lateral (select not exists (select from pipi.deployments e where e.workspace = d.workspace and e.position < d.position and e.finished_at is null) as yes) first
     where d.finished_at is null group by d.engine order by d.engine`,
  )
}

/** Tells a clone, at its next sign of life, to take no new work. */
export async function drainClone(db: Database, clone: string): Promise<void> {
  await db.query('update pipi.clones set drain = true where id = $1', [clone])
}

/** Marks clones that were silent for longer as gone; gives their ids. Their leases run out by themselves. */
export async function markGone(db: Database, silentForMs: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `update pipi.clones set state = 'gone', running = '[]' where state <> 'gone' and beat_at < clock_timestamp() - $1 * interval '1 ms' returning id`,
    [silentForMs],
  )
  return rows.map((row) => row.id)
}

/** One clone is known to have ended. */
export async function cloneEnded(db: Database, clone: string): Promise<void> {
  await db.query(`update pipi.clones set state = 'gone', running = '[]' where id = $1`, [clone])
}
