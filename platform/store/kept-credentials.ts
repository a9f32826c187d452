import { PipiError } from '../../catalog/errors.ts'
import type { Database, Queryable } from './open.ts'
import { openCredential, sealCredential } from './secret-seal.ts'

/** What may be said of a credential that was set: everything but its value. */
export interface KeptCredential {
  /** The variable that it stands for. */
  name: string
  /** ISO 8601. */
  setAt: string
  /** Id of the token that set it. */
  setBy: string
}

/** Whose credentials, and where. */
export interface CredentialPlace {
  account: string
  engine: string
}

export async function listKeptCredentials(
  on: Queryable,
  { account, engine }: CredentialPlace,
): Promise<KeptCredential[]> {
  const rows = await on.query<{ name: string; at: Date; by: string }>(
    'select name, set_at as at, set_by as by from pipi.credentials where account = $1 and engine = $2 order by name',
    [account, engine],
  )
  return rows.map(({ name, at, by }) => ({ name, setAt: at.toISOString(), setBy: by }))
}

/** All that an account has at an engine, in place of what it had; the journal says the names, and nothing of a value. */
export async function keepCredentials(
  db: Database,
  masterKey: Uint8Array,
  asked: CredentialPlace & { values: Record<string, string>; by: string },
): Promise<KeptCredential[]> {
  const { account, engine, values, by } = asked
  return db.transaction(async (tx) => {
    // Two at once would leave a part of each.
    await tx.query('select from pipi.accounts where id = $1 for no key update', [account])
    await tx.query('delete from pipi.credentials where account = $1 and engine = $2', [account, engine])
    for (const [name, value] of Object.entries(values)) {
      await tx.query(
        'insert into pipi.credentials (account, engine, name, sealed, set_by) values ($1, $2, $3, $4, $5)',
        [account, engine, name, sealCredential(masterKey, placeOf(asked), name, value), by],
      )
    }
    await journal(tx, asked, 'credentials.set', { engine, names: Object.keys(values) })
    return listKeptCredentials(tx, asked)
  })
}

/** Throws `not-found` when there are none. */
export async function removeCredentials(db: Database, asked: CredentialPlace & { by: string }): Promise<void> {
  await db.transaction(async (tx) => {
    const gone = await tx.query<{ name: string }>(
      'delete from pipi.credentials where account = $1 and engine = $2 returning name',
      [asked.account, asked.engine],
    )
    if (gone.length === 0) {
      throw new PipiError('not-found', `no credentials were set for ${asked.engine}`, {
        hint: `./pipi account credentials ls ${asked.engine} lists them; those of a file or of the environment go where they are`,
      })
    }
    await journal(tx, asked, 'credentials.removed', {
      engine: asked.engine,
      names: gone.map(({ name }) => name).sort(),
    })
  })
}

/** In clear: by engine what an account has there, by name, or why that cannot be opened. For who has the key. */
export async function openKeptCredentials(
  on: Queryable,
  masterKey: Uint8Array,
  account: string,
): Promise<Map<string, Record<string, string> | PipiError>> {
  const rows = await on.query<{ engine: string; name: string; sealed: Buffer }>(
    'select engine, name, sealed from pipi.credentials where account = $1 order by engine, name',
    [account],
  )
  const kept = new Map<string, Record<string, string> | PipiError>()
  for (const { engine, name, sealed } of rows) {
    const values = kept.get(engine) ?? {}
    kept.set(engine, values)
    if (values instanceof PipiError) continue
    try {
      values[name] = openCredential(masterKey, placeOf({ account, engine }), name, sealed)
    } catch (error) {
      kept.set(engine, PipiError.from(error))
    }
  }
  return kept
}

function placeOf({ account, engine }: CredentialPlace): string {
  return `${account} ${engine}`
}

async function journal(tx: Queryable, { account, by }: { account: string; by: string }, event: string, data: unknown) {
  await tx.query('select pipi.write_journal($1, null, null, $2, $3, $4)', [account, by, event, JSON.stringify(data)])
}
