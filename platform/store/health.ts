import { z } from 'zod'
import { present } from './deployment.ts'
import type { Database, Queryable } from './open.ts'

/** Whether a component answers. Times are ISO 8601. */
export const healthSchema = z.object({
  component: z.string(),
  url: z.string(),
  /** Missing: nobody has looked yet. */
  healthy: z.boolean().optional(),
  /** Since when it is so. */
  since: z.string(),
  checked: z.string().optional(),
  /** What the last look saw. */
  detail: z.string(),
})
export type Health = z.infer<typeof healthSchema>

export interface DueLook {
  workspace: string
  component: string
  url: string
}

/** How often what is reachable is looked at by engine code, milliseconds; what is missing is looked at only where a manifest says so. */
export type HealthDefaults = Record<string, number>

export async function syncHealth(db: Database, defaults: HealthDefaults): Promise<void> {
  await db.query('select pipi.sync_health($1)', [JSON.stringify(defaults)])
}

/**
 * Looks that are due, each taken by one of all who ask: it is due again after its pause, whatever becomes of this one.
 * While something is done with a workspace nobody looks: what answers is about to change.
 */
export async function takeDueLooks(db: Database, most: number): Promise<DueLook[]> {
  return db.query<DueLook>(
    `update pipi.health h set due_at = clock_timestamp() + h.every_ms * interval '1 ms'
     from (
       select d.workspace, d.component from pipi.health d
       where d.due_at <= clock_timestamp()
         and not exists (select from pipi.deployments o where o.workspace = d.workspace and o.finished_at is null and o.kind not in ('preview', 'refresh'))
       order by d.due_at limit $1 for no key update skip locked
     ) due
     where h.workspace = due.workspace and h.component = due.component
     returning h.workspace, h.component, h.url`,
    [most],
  )
}

export async function recordHealth(
  db: Database,
  { workspace, component, url }: DueLook,
  seen: { well: boolean; detail: string },
): Promise<void> {
  await db.query('select pipi.record_health($1, $2, $3, $4, $5)', [workspace, component, url, seen.well, seen.detail])
}

/** By component, of one workspace. */
export async function healthOf(on: Queryable, workspace: string): Promise<Health[]> {
  const rows = await on.query(
    'select component, url, healthy, since, checked_at as checked, detail from pipi.health where workspace = $1 order by component',
    [workspace],
  )
  return rows.map(({ since, checked, ...row }) =>
    healthSchema.parse({
      ...present(row),
      ...present({ since, checked }, (at) => (at as Date).toISOString()),
    }),
  )
}
