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
  /**
   * Deployments that a clone could begin now (not behind another of their workspace), and for how long the oldest has
   * been accepted, milliseconds.
   */
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
    `select o.engine, count(*) filter (where not o.taken and o.first)::int as waiting,
       coalesce(max(o.waited) filter (where not o.taken and o.first), 0) as "oldestWaitMs",
       count(*) filter (where o.taken)::int as running
     from (
       select d.engine, d.status not in ('accepted', 'assigned') or coalesce(l.holder is not null, false) as taken,
         not exists (select from pipi.deployments e where e.workspace = d.workspace and e.position < d.position and e.finished_at is null) as first,
         extract(epoch from clock_timestamp() - d.accepted_at)::float8 * 1000 as waited
       from pipi.deployments d left join pipi.leases l on l.workspace = d.workspace and l.deployment = d.id
       where d.finished_at is null
     ) o group by o.engine order by o.engine`,
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
