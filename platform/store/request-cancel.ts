import type { Status } from '../../factory/contract/status.ts'
import type { Database } from './open.ts'

/** `cancelled`: nobody had begun. `requested`: its engine will hear of it. Else the final state it has already. Throws `not-found`. */
export async function requestCancel(
  db: Database,
  account: string,
  id: string,
  by = 'platform',
): Promise<'requested' | Status> {
  const [row] = await db.query<{ was: 'requested' | Status }>('select pipi.request_cancel($1, $2, $3) as was', [
    account,
    id,
    by,
  ])
  if (!row) throw new Error('pipi.request_cancel gave no row')
  return row.was
}
