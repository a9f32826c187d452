import { PipiError } from '../../catalog/errors.ts'
import { type Engine, waysOf } from '../../engines/contract/engine.ts'
import { accountSettingNames } from '../config.ts'
import { dropClaim } from '../store/claims.ts'
import {
  type CredentialPlace,
  type KeptCredential,
  keepCredentials,
  listKeptCredentials,
  removeCredentials,
} from '../store/kept-credentials.ts'
import type { Database } from '../store/open.ts'
import { openAccountAt } from './cloud-accounts.ts'

/** The credentials that accounts have set: they go in and never come out. */
export interface CredentialKeeper {
  list(place: CredentialPlace): Promise<KeptCredential[]>
  /** All of them in place of those before. Throws `input.invalid` for a set that is not complete, or has more than it may. */
  set(asked: CredentialPlace & { values: Record<string, string>; by: string }): Promise<KeptCredential[]>
  remove(asked: CredentialPlace & { by: string }): Promise<void>
}

export function credentialKeeper(
  db: Database,
  masterKey: Uint8Array,
  engines: ReadonlyMap<string, Engine>,
): CredentialKeeper {
  return {
    list: (place) => listKeptCredentials(db, place),
    async set(asked) {
      await requireComplete(engines.get(asked.engine), asked)
      return keepCredentials(db, masterKey, asked)
    },
    async remove(asked) {
      await removeCredentials(db, asked)
      // Nobody looks there with them any more.
      await dropClaim(db, asked.account, asked.engine, true)
    },
  }
}

async function requireComplete(
  engine: Engine | undefined,
  { engine: code, values }: { engine: string; values: Record<string, string> },
): Promise<void> {
  if (engine === undefined || waysOf(engine.dna).length === 0) {
    throw new PipiError('input.invalid', `nobody has to be let in at "${code}" here`, {
      hint: './pipi engines shows the engines of this platform',
    })
  }
  const terms = Object.values(accountSettingNames(code))
  const taken = [...new Set(waysOf(engine.dna).flatMap((way) => way.credentials.map(({ env }) => env))), ...terms]
  const unknown = Object.keys(values).filter((name) => !taken.includes(name))
  if (unknown.length > 0) {
    // A path would be one of the platform's host, of which its accounts know nothing.
    const files = unknown.some((name) => name.endsWith('_FILE')) ? '; a value, not the path of a file' : ''
    throw new PipiError('input.invalid', `${engine.dna.name} takes no ${unknown.join(', ')}`, {
      hint: `it takes ${taken.join(', ')}${files}`,
    })
  }
  const hint = `give all of it at once: ${waysOf(engine.dna)
    .map((way) => way.credentials.map(({ env }) => env).join(', '))
    .join('; or ')}; and ${terms.join(', ')}`
  const opened = await openAccountAt(engine, true, async () => ({}), {
    variables: (names) => Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name))),
    from: 'kept',
    hint,
  })
  if (!opened.ok) throw new PipiError('input.invalid', `${engine.dna.name}: ${opened.reason}`, { hint: opened.hint })
}
