import { isDeepStrictEqual } from 'node:util'
import { type ErrorCode, PipiError } from '../../catalog/errors.ts'
import type { GuardRule } from '../contract/rule.ts'
import { plain, type Values, withoutSecrets } from '../wire/values.ts'
import type { GuardOptions } from './options.ts'

/** What of the guard is needed to write creates down. `refuse` throws. */
export interface CreatesOptions {
  options: Pick<GuardOptions, 'adoptions' | 'grant' | 'platform'>
  rule(urn: string): GuardRule
  refuse(code: ErrorCode, urn: string, message: string, hint: string): never
}

/** How the creates of a run are written down: under which intent, and by what each would be found again. */
export class Creates {
  readonly #guard: CreatesOptions
  /** Intent id by URN, fixed when the inputs are checked, since the tag must carry it. */
  readonly #intents = new Map<string, string>()
  /** The provider was told to give up: what it then calls failed may happen late all the same. */
  cancelled = false

  constructor(guard: CreatesOptions) {
    this.#guard = guard
  }

  /**
   * What `find` needs to look a resource up after a crash. It is written down as it is, so that nothing secret may be
   * part of it.
   */
  lookupOf(urn: string, inputs: Values): Record<string, unknown> {
    const rule = this.#guard.rule(urn)
    const lookup = rule.lookup(plain(inputs))
    if (isDeepStrictEqual(lookup, rule.lookup(plain(withoutSecrets(inputs))))) return lookup
    return this.#guard.refuse(
      'lock.unsafe-input',
      urn,
      `what it goes by at the platform (${Object.keys(lookup).join(', ')}) is marked as a secret`,
      'take a name that everybody may know',
    )
  }

  /** The id under which the next create of this URN will be written down and tagged. */
  intentFor(urn: string, make: () => string): string {
    const adopted = this.#guard.options.adoptions.get(urn)
    if (adopted !== undefined) return adopted.intent
    const known = this.#intents.get(urn)
    if (known !== undefined) return known
    const made = make()
    this.#intents.set(urn, made)
    return made
  }

  /** Each create has an intent of its own, also of a URN that is replaced within one run. */
  takeIntent(urn: string, make: () => string): string {
    const intent = this.intentFor(urn, make)
    this.#intents.delete(urn)
    return intent
  }

  /**
   * A platform may answer a create with an error and have done it all the same. Found under the look-up key, or no
   * answer to that question: it may exist. A type that nobody can look up is taken at the provider's word.
   */
  async mayExist(urn: string, lookup: Record<string, unknown>): Promise<boolean> {
    if (this.cancelled) return true
    const { platform, grant } = this.#guard.options
    if (platform === undefined) return false
    try {
      return (await this.#guard.rule(urn).find(lookup, platform, grant.workspace)) !== undefined
    } catch (error) {
      return !(error instanceof PipiError && error.code === 'recovery.needs-decision')
    }
  }
}
