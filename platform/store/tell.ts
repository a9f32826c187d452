import type { Database, Queryable } from './open.ts'

/** One journal record for each account that uses a cloud account. */
export async function tellOwners(
  on: Queryable,
  cloudAccount: string,
  event: string,
  data: Record<string, unknown>,
): Promise<void> {
  await on.query('select pipi.tell_owners($1, $2, $3, $4)', [cloudAccount, 'platform', event, JSON.stringify(data)])
}

/**
 * Runs `tell` in the transaction that notes that it was told, for exactly one of all who ever ask with the same three.
 * @returns whether it was us
 */
export async function tellOnce(
  db: Database,
  subject: string,
  event: string,
  key: string,
  tell: (tx: Queryable) => Promise<void>,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ first: boolean }>('select pipi.first_told($1, $2, $3) as first', [
      subject,
      event,
      key,
    ])
    if (row?.first !== true) return false
    await tell(tx)
    return true
  })
}

/** A journal record about one workspace, by the platform itself. */
export async function tellOfWorkspace(
  on: Queryable,
  workspace: { id: string; account: string },
  event: string,
  data: Record<string, unknown>,
): Promise<void> {
  await on.query('select pipi.write_journal($1, $2, null, $3, $4, $5)', [
    workspace.account,
    workspace.id,
    'platform',
    event,
    JSON.stringify(data),
  ])
}
