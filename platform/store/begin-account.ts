import { PipiError } from '../../catalog/errors.ts'
import type { Account } from './account.ts'
import { newId } from './id.ts'
import type { Database } from './open.ts'
import { createToken } from './token.ts'

/**
 * A new account with a first token of its owner, whose text is given once; the journals of the account and of who opened it
 * say so, in the same transaction. `by`: account and token. Throws `name.taken`.
 */
export async function beginAccount(
  db: Database,
  { name, by }: { name: string; by: { account: string; token: string } },
): Promise<{ account: Account; token: { id: string; secret: string } }> {
  return db.transaction(async (tx) => {
    const [account] = await tx.query<Account>(
      'insert into pipi.accounts (id, name) values ($1, $2) on conflict (name) do nothing returning id, name, kind',
      [newId('a'), name],
    )
    if (account === undefined) {
      throw new PipiError('name.taken', `there is an account "${name}" already`, {
        hint: `another token of it: ./pipi account token add --account ${name}`,
      })
    }
    const token = await createToken(tx, { account: account.id, role: 'owner', note: 'made with the account' })
    for (const told of [account.id, by.account]) {
      await tx.query(`select pipi.write_journal($1, null, null, $2, 'account.opened', $3)`, [
        told,
        by.token,
        JSON.stringify({ name, token: token.id }),
      ])
    }
    return { account, token }
  })
}

/** By name; undefined: of all there are. */
export async function listAccounts(db: Database, only?: string): Promise<(Account & { since: string })[]> {
  const rows = await db.query<Account & { since: Date }>(
    'select id, name, kind, created_at as since from pipi.accounts where $1::text is null or id = $1 order by name',
    [only ?? null],
  )
  return rows.map((row) => ({ ...row, since: row.since.toISOString() }))
}
