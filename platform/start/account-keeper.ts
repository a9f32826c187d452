import { PipiError } from '../../catalog/errors.ts'
import type { Account } from '../store/account.ts'
import { beginAccount, listAccounts } from '../store/begin-account.ts'
import type { Database } from '../store/open.ts'

/** The accounts of the platform: its owner alone opens one, and sees the others. */
export interface AccountKeeper {
  /**
   * Whose are spoken of: the caller's own, or those of the account of that name, which the platform's owner alone may name.
   * Throws `not-allowed`, `not-found`.
   */
  whose(caller: string, name?: string): Promise<string>
  /** With a first token of its owner, whose text is given once. Throws `not-allowed`, `name.taken`. */
  open(
    name: string,
    by: { account: string; token: string },
  ): Promise<{ account: Account; token: { id: string; secret: string } }>
  /** All of them for the platform's owner; for another account itself. */
  list(caller: string): ReturnType<typeof listAccounts>
}

/** `owner`: id of the account of the platform's owner. */
export function accountKeeper(db: Database, owner: string): AccountKeeper {
  return {
    async whose(caller, name) {
      if (name === undefined) return caller
      if (caller !== owner) {
        throw new PipiError('not-allowed', 'an account speaks of its own credentials and tokens only', {
          hint: 'leave out --account',
        })
      }
      const [row] = await db.query<{ id: string }>('select id from pipi.accounts where name = $1', [name])
      if (row !== undefined) return row.id
      throw new PipiError('not-found', `there is no account "${name}"`, {
        hint: `./pipi account names shows them, ./pipi account open ${name} makes it`,
      })
    },
    async open(name, by) {
      if (by.account === owner) return beginAccount(db, { name, by })
      throw new PipiError('not-allowed', "accounts are opened by the platform's owner", {
        hint: 'ask whoever runs the platform; a token of your own account: ./pipi account token add',
      })
    },
    list: (caller) => listAccounts(db, caller === owner ? undefined : caller),
  }
}
