import type { Manifest } from '../../engines/contract/manifest.ts'
import type { OrderSource } from '../../factory/contract/truth.ts'
import type { Queryable } from './open.ts'

/** What a workspace was made of that stands now, at its exact commit; undefined when nothing of it stands. */
export async function whatStands(
  on: Queryable,
  workspace: string,
): Promise<{ manifest: Manifest; source: OrderSource } | undefined> {
  const [row] = await on.query<{ manifest: Manifest; source: OrderSource; commit: string | null }>(
    'select manifest, source, commit_sha as commit from pipi.workspaces where id = $1 and live and manifest is not null',
    [workspace],
  )
  if (!row) return undefined
  const { manifest, source, commit } = row
  return { manifest, source: source.kind === 'git' && commit !== null ? { ...source, commit } : source }
}
