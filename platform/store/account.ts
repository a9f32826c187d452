import { newId } from './id.ts'
import type { Database } from './open.ts'

export interface Account {
  id: string
  name: string
  kind: 'personal' | 'developer' | 'enterprise'
}

/** The account of that name, made when there is none. */
export async function openAccount(db: Database, name: string, kind: Account['kind'] = 'personal'): Promise<Account> {
  await db.query('insert into pipi.accounts (id, name, kind) values ($1, $2, $3) on conflict (name) do nothing', [
    newId('a'),
    name,
    kind,
  ])
  const [account] = await db.query<Account>('select id, name, kind from pipi.accounts where name = $1', [name])
  if (!account) throw new Error('an account vanished between two statements')
  return account
}
