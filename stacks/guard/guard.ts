import { isDeepStrictEqual } from 'node:util'
import type { Amount } from '../../catalog/demand.ts'
import { type ErrorCode, PipiError } from '../../catalog/errors.ts'
import type { PlatformReader } from '../contract/find.ts'
import type { Grant, GrantLine } from '../contract/grant.ts'
import type { IntentLog } from '../contract/intents.ts'
import { type GuardRule, type GuardRules, holdsData } from '../contract/rule.ts'
import { maskSecrets } from '../provider/secrets.ts'
import { nameOfUrn, typeOfUrn } from '../wire/urn.ts'
import { plain, type Values, withoutSecrets } from '../wire/values.ts'

/** A resource that a crash left at the platform and that this run adopts, by URN. */
export interface Adoption {
  id: string
  intent: string
}

/** What the state holds of a resource, and what its platform says now; `after` is missing where it is gone. */
export interface SeenRead {
  urn: string
  id: string
  before: { inputs: Values; outputs: Values }
  after?: { inputs: Values; outputs: Values }
}

export interface GuardOptions {
  grant: Grant
  rules: GuardRules
  intents: IntentLog
  /** Ids that the stack's own state holds, by URN: all that may be read. */
  known: ReadonlyMap<string, ReadonlySet<string>>
  adoptions: ReadonlyMap<string, Adoption>
  /** What was replaced in an earlier run and has yet to go: ids by URN. Its verdict was given then. */
  condemned?: ReadonlyMap<string, ReadonlySet<string>>
  /** Ids by URN of what went before the one in its place came: it is made again, whatever differs. */
  gone?: ReadonlyMap<string, string>
  /** Asks the platform what exists, after a create that failed; without it the provider's word is taken. */
  platform?: PlatformReader
  /** Nothing may change: a preview, a refresh. */
  readOnly: boolean
  /** Hears what a refresh reads before the engine does, which waits for it. */
  onRead?(seen: SeenRead): Promise<void>
}

export interface GuardRefusal {
  code: ErrorCode
  urn: string
  message: string
  hint: string
  meter?: string
  limit?: number
  asked?: number
}

/** Two minutes are long for a question; ten seconds may pass on a busy machine. */
const QUESTION_MS = 120_000
const SHORTEST_MS = 10_000
/** For a type that no rule knows any more. */
const CHANGE_MS = 600_000

/**
 * The verdict on every call that could cost or lose something, against what was granted. It knows no platform: rules
 * and grant come as data. Each `verdict…` either returns or throws, and what it threw is kept in `refusals`.
 */
export class Guard {
  readonly options: GuardOptions
  readonly refusals: GuardRefusal[] = []
  /** The provider was told to give up: what it then calls failed may happen late all the same. */
  cancelled = false
  readonly #lines: Map<string, GrantLine>
  /** Intent id by URN, fixed when the inputs are checked, since the tag must carry it. */
  readonly #intents = new Map<string, string>()
  /** URNs that the engine has said it will replace in this run: only these may lose their old self under a `replace`. */
  readonly #replacing = new Set<string>()

  constructor(options: GuardOptions) {
    this.options = options
    this.#lines = new Map(options.grant.lines.map((line) => [line.urn, line]))
  }

  rule(urn: string): GuardRule {
    const type = typeOfUrn(urn)
    const rule = this.options.rules[type]
    if (rule !== undefined) return rule
    return this.refuse(
      'lock.unknown-type',
      urn,
      `no catalogue entry says what a ${type} costs`,
      'use a type the catalogue knows, or have it added with its source',
    )
  }

  /** How long a question about a resource (Check, Diff, Read) may take, milliseconds: minutes at most. */
  patienceMs(urn: string): number {
    const rule = this.options.rules[typeOfUrn(urn)]
    return Math.min(Math.max(rule?.deadlineMs ?? QUESTION_MS, SHORTEST_MS), QUESTION_MS)
  }

  /** How long a change may take, milliseconds: by then the provider itself has given up, and a bit. */
  changeMs(urn: string): number {
    return (this.options.rules[typeOfUrn(urn)]?.deadlineMs ?? CHANGE_MS) + SHORTEST_MS
  }

  /**
   * What `find` needs to look a resource up after a crash. It is written down as it is, so that nothing secret may be
   * part of it.
   */
  lookupOf(urn: string, inputs: Values): Record<string, unknown> {
    const rule = this.rule(urn)
    const lookup = rule.lookup(plain(inputs))
    if (isDeepStrictEqual(lookup, rule.lookup(plain(withoutSecrets(inputs))))) return lookup
    return this.refuse(
      'lock.unsafe-input',
      urn,
      `what it goes by at the platform (${Object.keys(lookup).join(', ')}) is marked as a secret`,
      'take a name that everybody may know',
    )
  }

  /** The id under which the next create of this URN will be written down and tagged. */
  intentFor(urn: string, make: () => string): string {
    const adopted = this.options.adoptions.get(urn)
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
    const { platform, grant } = this.options
    if (platform === undefined) return false
    try {
      return (await this.rule(urn).find(lookup, platform, grant.workspace)) !== undefined
    } catch (error) {
      return !(error instanceof PipiError && error.code === 'recovery.needs-decision')
    }
  }

  verdictOnWrite(urn: string, operation: 'create' | 'update', inputs: Values): void {
    this.#verdictOnMode(urn)
    const line = this.#lines.get(urn)
    const allowed: readonly string[] = operation === 'create' ? ['create', 'replace'] : ['update', 'replace']
    // A replacement that the plan could not foresee: its verdict has been given (`verdictOnReplace`).
    const unforeseen = operation === 'create' && line?.operation === 'update' && this.#replacing.has(urn)
    if (line === undefined || !(allowed.includes(line.operation) || unforeseen)) {
      this.refuse(
        'guard.not-granted',
        urn,
        `the grant does not cover to ${operation} this resource (${line === undefined ? 'it was not in the plan' : `planned: ${line.operation}`})`,
        'declare it in the program itself, not inside an apply, so that the plan can see it',
      )
    }
    this.verdictOnDemand(urn, inputs, line.amounts)
  }

  /** What the resolved inputs take must be within what was reserved for this resource. */
  verdictOnDemand(urn: string, inputs: Values, granted: readonly Amount[] = this.#lines.get(urn)?.amounts ?? []): void {
    const answer = this.rule(urn).demand(plain(inputs), urn)
    if (!answer.ok)
      this.refuse(
        answer.code,
        urn,
        maskSecrets(answer.message, inputs),
        answer.hint,
        answer.meter === undefined ? {} : { meter: answer.meter },
      )
    for (const amount of answer.demand.amounts) {
      const reserved = granted.find((g) => g.meter === amount.meter && g.scope === amount.scope)?.amount ?? 0
      if (amount.amount > reserved) {
        this.refuse(
          'guard.not-granted',
          urn,
          `takes ${amount.amount} of ${amount.meter} where ${reserved} were reserved`,
          'its inputs grew after the plan; state them in the program so that the plan can see them',
          { meter: amount.meter, limit: reserved, asked: amount.amount },
        )
      }
    }
  }

  /** Whether old and new of this resource may stand beside each other: both are reserved. */
  sideBySide(urn: string): boolean {
    const line = this.#lines.get(urn)
    return line?.operation === 'replace' && line.sideBySide === true
  }

  /** The state still holds it and it is not there; what a look-up found in its place is adopted instead. */
  isGone(urn: string, id: string): boolean {
    return this.options.gone?.get(urn) === id && !this.options.adoptions.has(urn)
  }

  /**
   * Before the old one goes, or the new one comes beside it: may the one be lost, and may the other be? What the plan
   * took for an update replaces within what is reserved for one: then the old one goes first.
   */
  verdictOnReplace(urn: string, inputs: Values): void {
    if (this.options.readOnly) return
    const line = this.#lines.get(urn)
    // Destroying some of a stack, the Pulumi engine asks what their loss does to the others that go: nothing is made again.
    if (line?.operation === 'delete') return
    if (line?.operation !== 'replace' && line?.operation !== 'update') {
      this.refuse(
        'guard.not-granted',
        urn,
        `the grant does not cover to replace this resource (${line === undefined ? 'it was not in the plan' : `planned: ${line.operation}`})`,
        'declare it in the program under the name it has',
      )
    }
    this.verdictOnLoss(urn)
    this.verdictOnDemand(urn, inputs)
    this.lookupOf(urn, inputs)
    this.#replacing.add(urn)
  }

  verdictOnDelete(urn: string, id: string): void {
    this.#verdictOnMode(urn)
    const line = this.#lines.get(urn)
    // What is adopted was made by a replacement that a crash cut in two: its old self went before it, and the state has
    // yet to hear of it.
    const adopted = this.options.adoptions.get(urn)
    const replaced =
      this.#replacing.has(urn) ||
      (adopted !== undefined && adopted.id !== id) ||
      this.options.condemned?.get(urn)?.has(id) === true
    if (line?.operation !== 'delete' && !replaced) {
      this.refuse(
        'guard.delete-not-planned',
        urn,
        'the plan does not name this delete',
        'nothing was deleted; look at the preview, and destroy what is meant by name',
      )
    }
    this.verdictOnLoss(urn)
  }

  /** Users' data is not ours to lose, whatever the plan says. */
  verdictOnLoss(urn: string): void {
    const rule = this.options.rules[typeOfUrn(urn)]
    if (rule !== undefined && holdsData(rule, nameOfUrn(urn)) && !this.options.grant.mayLoseData) {
      this.refuse(
        'guard.data-not-named',
        urn,
        'holds data, and the request does not name its loss',
        'repeat with --delete-data when the data may go',
      )
    }
  }

  /** Only what the stack holds already, or what a crash left and was found by our tag, may be read. */
  verdictOnRead(urn: string, id: string): void {
    if (this.options.known.get(urn)?.has(id) === true || this.options.adoptions.get(urn)?.id === id) return
    this.refuse(
      'guard.not-ours',
      urn,
      `"${id}" is not in this workspace's stack`,
      'create what the workspace needs; what others own can neither be imported nor read',
    )
  }

  refuse(code: ErrorCode, urn: string, message: string, hint: string, more: Partial<GuardRefusal> = {}): never {
    this.refusals.push({ code, urn, message, hint, ...more })
    throw new PipiError(code, `refused by the lock (${code}): ${message}. ${hint}`)
  }

  #verdictOnMode(urn: string): void {
    if (this.options.readOnly)
      this.refuse('guard.not-granted', urn, 'a preview or refresh changes nothing', 'deploy it instead')
  }
}
