import { PipiError } from '../../catalog/errors.ts'
import type { Database, Queryable } from './open.ts'
import { createToken, type Role, revokeToken } from './token.ts'

export interface KnownToken {
  id: string
  role: Role
  note: string
  /** ISO 8601, as the others. */
  since: string
  expires: string | null
  revoked: string | null
}

/** The tokens of an account, the newest first; never a text of one. */
export async function listTokens(db: Queryable, account: string): Promise<KnownToken[]> {
  const rows = await db.query<Omit<KnownToken, 'since' | 'expires' | 'revoked'> & Record<string, Date | null>>(
    `select id, role, note, created_at as since, expires_at as expires, revoked_at as revoked
     from pipi.tokens where account = $1 order by created_at desc, id desc`,
    [account],
  )
  const iso = (at: Date | null | undefined) => at?.toISOString() ?? null
  return rows.map(({ id, role, note, since, expires, revoked }) => ({
    ...{ id, role, note, since: iso(since) ?? '', expires: iso(expires), revoked: iso(revoked) },
  }))
}

/** Makes one, whose text is given once, and says so in the journal in the same transaction. `by`: id of a token. */
export async function addToken(
  db: Database,
  asked: { account: string; role: Role; note?: string; expiresAt?: Date; by: string },
): Promise<{ id: string; secret: string }> {
  const { by, ...request } = asked
  return db.transaction(async (tx) => {
    const token = await createToken(tx, request)
    await tell(tx, asked.account, by, 'token.added', { token: token.id, role: asked.role })
    return token
  })
}

/**
 * It lets in nobody from now on. Throws `not-found`, and `conflict.state` for the one that asks: nobody shuts out himself.
 */
export async function withdrawToken(db: Database, asked: { account: string; id: string; by: string }): Promise<void> {
  const { account, id, by } = asked
  if (id === by) {
    throw new PipiError('conflict.state', `${id} is the token that you ask with`, {
      hint: 'revoke it with another one: ./pipi account token add, then --token',
    })
  }
  await db.transaction(async (tx) => {
    if (!(await revokeToken(tx, account, id))) {
      throw new PipiError('not-found', `the account has no token ${id}`, { hint: './pipi account token ls shows them' })
    }
    await tell(tx, account, by, 'token.revoked', { token: id })
  })
}

async function tell(tx: Queryable, account: string, by: string, event: string, data: object): Promise<void> {
  await tx.query('select pipi.write_journal($1, null, null, $2, $3, $4)', [account, by, event, JSON.stringify(data)])
}
