import { z } from 'zod'
import type { Manifest } from '../../engines/contract/manifest.ts'
import { statusSchema } from '../../factory/contract/status.ts'
import type { OrderSource } from '../../factory/contract/truth.ts'
import { present } from './deployment.ts'
import type { Queryable } from './open.ts'

/** What made a workspace what it is: a deploy, or a rollback to an earlier one. Times are ISO 8601. */
export const releaseSchema = z.object({
  id: z.string(),
  /** Counts all that was done with the workspace: numbers between are looks, previews and destroys. */
  number: z.int(),
  kind: z.enum(['deploy', 'rollback']),
  status: statusSchema,
  engine: z.string(),
  region: z.string(),
  ref: z.string().optional(),
  commit: z.string().optional(),
  /** Digests of what was built. */
  artifact: z.string().optional(),
  goesBackTo: z.int().optional(),
  accepted: z.string(),
  finished: z.string().optional(),
  /** It is what stands now. */
  stands: z.boolean(),
})
export type Release = z.infer<typeof releaseSchema>

/** With all that it was made of, at its exact commit. */
export interface KeptRelease extends Release {
  cloudAccount: string
  manifest: Manifest
  source: OrderSource
}

const SHOWN = `d.id, d.position::int as number, d.kind, d.status, d.engine, d.region, d.ref, d.commit_sha as commit, d.artifact_digest as artifact,
  (select g.position::int from pipi.deployments g where g.id = d.goes_back_to) as "goesBackTo", d.accepted_at as accepted, d.finished_at as finished,
  w.live and d.status = 'succeeded' and not exists (select from pipi.deployments l where l.workspace = d.workspace and l.position > d.position
    and l.kind in ('deploy', 'rollback') and l.status = 'succeeded') as stands`

/** The newest `limit` of a workspace, the newest first. */
export async function listReleases(on: Queryable, workspace: string, limit = 20): Promise<Release[]> {
  const rows = await on.query(
    `select ${SHOWN} from pipi.deployments d join pipi.workspaces w on w.id = d.workspace
     where d.workspace = $1 and d.kind in ('deploy', 'rollback') order by d.position desc limit $2`,
    [workspace, limit],
  )
  return rows.map((row) => releaseSchema.parse(shown(row)))
}

const MOST_KEPT = 500

/** The newest ones, the oldest first. */
export async function keptReleases(on: Queryable, workspace: string): Promise<KeptRelease[]> {
  const rows = await on.query<Record<string, unknown> & { manifest: Manifest; source: OrderSource; cloud: string }>(
    `select ${SHOWN}, d.manifest, d.source, d.cloud_account as cloud from pipi.deployments d join pipi.workspaces w on w.id = d.workspace
     where d.workspace = $1 and d.kind in ('deploy', 'rollback') order by d.position desc limit $2`,
    [workspace, MOST_KEPT],
  )
  return rows.reverse().map(({ manifest, source, cloud, ...row }) => {
    const release = releaseSchema.parse(shown(row))
    const exact = source.kind === 'git' && release.commit !== undefined ? { ...source, commit: release.commit } : source
    return { ...release, manifest, source: exact, cloudAccount: cloud }
  })
}

function shown({ accepted, finished, ...row }: Record<string, unknown>): Record<string, unknown> {
  const iso = (at: unknown) => (at as Date).toISOString()
  return { ...present(row), ...present({ accepted, finished }, iso) }
}
