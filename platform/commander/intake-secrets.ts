import type { Problem } from '../../catalog/errors.ts'
import { isRunning } from '../../engines/contract/component.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import type { Queryable } from '../store/open.ts'
import { listSecrets } from '../store/secrets.ts'
import type { ProblemAt } from './schema-problems.ts'

/** Every secret that a component names has to be there: else it would run without it. */
export async function requireSecrets(
  db: Queryable,
  name: string,
  workspace: string | undefined,
  manifest: Manifest,
  problems: Problem[],
  problemAt: ProblemAt,
): Promise<void> {
  const named = manifest.components.flatMap((component, at) =>
    // A manifest that was kept by an earlier version names none.
    (isRunning(component) ? (component.secrets ?? []) : []).map((secret, index) => ({ secret, at, index })),
  )
  if (named.length === 0) return
  const there = new Set(workspace === undefined ? [] : (await listSecrets(db, workspace)).map((one) => one.name))
  for (const { secret, at, index } of named) {
    if (there.has(secret)) continue
    problems.push(
      problemAt(
        ['components', at, 'secrets', index],
        `workspace "${name}" has no secret ${secret}`,
        `./pipi secret set ${name} ${secret}`,
      ),
    )
  }
}
