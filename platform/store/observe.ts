import type { Reading } from '../../engines/contract/watch.ts'
import { jsonb } from './jsonb.ts'
import type { Queryable } from './open.ts'

/**
 * What a platform says was used, ours and not: what is not ours stands beside what we hold, and may pass the limit. Then
 * the meter is over, nothing more of it is reserved, and the journal says so.
 */
export async function observe(db: Queryable, cloudAccount: string, readings: readonly Reading[]): Promise<void> {
  await db.query('select pipi.observe($1, $2)', [cloudAccount, jsonb(readings)])
}

/** What exists beside ours of meters that count what exists: all there is, so that what is not named is gone. */
export async function observeStrays(
  db: Queryable,
  cloudAccount: string,
  strays: readonly { meter: string; scope: string; amount: number }[],
): Promise<void> {
  await db.query('select pipi.observe_strays($1, $2)', [cloudAccount, jsonb(strays)])
}
