import { createHash, randomBytes } from 'node:crypto'
import { newId } from './id.ts'
import type { Database, Queryable } from './open.ts'

export type Role = 'owner' | 'deployer' | 'viewer'

/** Who a token speaks for. */
export interface Caller {
  token: string
  account: string
  accountName: string
  role: Role
}

/**
 * Makes a token; its text is given once and kept nowhere. `secret` brings a text of the caller's own (at least 32
 * characters): the same text again is the same token.
 */
export async function createToken(
  db: Queryable,
  request: { account: string; role: Role; note?: string; expiresAt?: Date; secret?: string },
): Promise<{ id: string; secret: string }> {
  const secret = request.secret ?? `pipi_${randomBytes(24).toString('base64url')}`
  const [row] = await db.query<{ id: string }>(
    `insert into pipi.tokens (id, account, digest, role, note, expires_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (digest) do update set note = excluded.note returning id`,
    [newId('t'), request.account, digestOf(secret), request.role, request.note ?? '', request.expiresAt ?? null],
  )
  if (!row) throw new Error('a token was not written')
  return { id: row.id, secret }
}

/** Undefined: unknown, expired (by the database's clock) or revoked. Compared by digest, so that time tells nothing. */
export async function authenticate(db: Database, secret: string): Promise<Caller | undefined> {
  const [caller] = await db.query<Caller>(
    `select t.id as token, t.account, a.name as "accountName", t.role from pipi.tokens t join pipi.accounts a on a.id = t.account
     where t.digest = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > clock_timestamp())`,
    [digestOf(secret)],
  )
  return caller
}

/** False when the account has no such token. */
export async function revokeToken(db: Queryable, account: string, id: string): Promise<boolean> {
  const rows = await db.query(
    'update pipi.tokens set revoked_at = coalesce(revoked_at, now()) where account = $1 and id = $2 returning id',
    [account, id],
  )
  return rows.length === 1
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
