import { PipiError } from '../../catalog/errors.ts'
import { newId } from './id.ts'
import type { Queryable } from './open.ts'

/** The id of the workspace of that name, which begins now where it is not there yet; nobody else changes it before the transaction ends. */
export async function beginWorkspace(tx: Queryable, account: string, name: string): Promise<string> {
  await tx.query(
    'insert into pipi.workspaces (id, account, name) values ($1, $2, $3) on conflict (account, name) do nothing',
    [newId('w'), account, name],
  )
  const [row] = await tx.query<{ id: string }>(
    'select id from pipi.workspaces where account = $1 and name = $2 for no key update',
    [account, name],
  )
  if (!row) throw new PipiError('platform.internal', `the workspace "${name}" went away while it was made`)
  return row.id
}
