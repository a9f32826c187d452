import type { FinalStatus } from '../../factory/contract/status.ts'
import type { Refusal, Settlement } from '../../factory/contract/truth.ts'
import { jsonb } from './jsonb.ts'
import type { Database } from './open.ts'

/**
 * The commander's verdict on a deployment that no engine settles. Fences its engine off first; holdings stay held.
 * False when it was final already. Throws `conflict.state` for a transition that is not legal.
 */
export async function finish(
  db: Database,
  id: string,
  status: FinalStatus,
  why: { error?: Settlement['error']; refusal?: Refusal } = {},
): Promise<boolean> {
  const [row] = await db.query<{ done: boolean }>('select pipi.finish($1, $2, $3) as done', [id, status, jsonb(why)])
  return row?.done ?? false
}
