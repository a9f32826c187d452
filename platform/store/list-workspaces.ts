import { z } from 'zod'
import { statusSchema } from '../../factory/contract/status.ts'
import { driftSchema, kindSchema, present } from './deployment.ts'
import type { Database } from './open.ts'

/** A workspace as its account sees it. `live`: something of it stands at its platform. */
export const workspaceSchema = z.object({
  id: z.string(),
  name: z.string(),
  account: z.string(),
  live: z.boolean(),
  engine: z.string().optional(),
  region: z.string().optional(),
  cloudAccount: z.string().optional(),
  commit: z.string().optional(),
  outputs: z.record(z.string(), z.unknown()),
  /** When it is over and destroyed by itself; missing: it has no end. */
  endsAt: z.string().optional(),
  /** Made to stand still by the kill switch or by hand: it is there and burns nothing. */
  suspended: z.boolean(),
  /** What the last refresh found to differ, and nothing has set back yet. */
  drift: z.array(driftSchema),
  created: z.string(),
  resources: z.array(z.object({ urn: z.string(), type: z.string(), id: z.string() })),
  last: z.object({ id: z.string(), kind: kindSchema, status: statusSchema }).optional(),
})
export type Workspace = z.infer<typeof workspaceSchema>

const SELECT = `
  select w.id, w.name, w.account, w.live, w.engine, w.region, w.cloud_account as "cloudAccount", w.commit_sha as commit, w.outputs, w.suspended, w.drift, w.created_at, case when w.live then w.ends_at end as ends_at,
    (select coalesce(jsonb_agg(jsonb_build_object('urn', r.urn, 'type', r.type, 'id', r.id) order by r.urn), '[]') from pipi.resources r where r.workspace = w.id) as resources,
    (select jsonb_build_object('id', d.id, 'kind', d.kind, 'status', d.status) from pipi.deployments d where d.workspace = w.id order by d.position desc limit 1) as last
  from pipi.workspaces w`

/** By name. `next` is the cursor of the following page. */
export async function listWorkspaces(
  db: Database,
  filter: { account: string; cursor?: string | undefined; limit?: number | undefined },
): Promise<{ items: Workspace[]; next?: string }> {
  const limit = Math.min(Math.max(filter.limit ?? 100, 1), 200)
  const rows = await db.query(
    `${SELECT} where w.account = $1 and ($2::text is null or w.name > $2) order by w.name limit $3`,
    [filter.account, filter.cursor ?? null, limit + 1],
  )
  const items = rows.slice(0, limit).map(toWorkspace)
  const last = items.at(-1)
  return rows.length > limit && last ? { items, next: last.name } : { items }
}

/** By name or id; undefined when the account has none. */
export async function getWorkspace(db: Database, account: string, nameOrId: string): Promise<Workspace | undefined> {
  const [row] = await db.query(`${SELECT} where w.account = $1 and (w.name = $2 or w.id = $2)`, [account, nameOrId])
  return row && toWorkspace(row)
}

function toWorkspace(row: Record<string, unknown>): Workspace {
  const { created_at, ends_at, ...rest } = row
  const iso = (at: unknown) => (at as Date).toISOString()
  return workspaceSchema.parse({ ...present(rest), ...present({ endsAt: ends_at, created: created_at }, iso) })
}
