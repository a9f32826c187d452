import type { Amount } from '../../catalog/demand.ts'
import { type ErrorCode, PipiError } from '../../catalog/errors.ts'
import type { GrantLine } from '../contract/grant.ts'
import { type GuardRule, holdsData } from '../contract/rule.ts'
import { maskSecrets } from '../provider/secrets.ts'
import { nameOfUrn, typeOfUrn } from '../wire/urn.ts'
import { plain, type Values } from '../wire/values.ts'
import { Creates } from './creates.ts'
import type { GuardOptions, GuardRefusal } from './options.ts'

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
  readonly creates: Creates
  readonly #lines: Map<string, GrantLine>
  /** URNs that the engine has said it will replace in this run: only these may lose their old self under a `replace`. */
  readonly #replacing = new Set<string>()

  constructor(options: GuardOptions) {
    this.options = options
    this.creates = new Creates({
      options,
      rule: (urn) => this.rule(urn),
      refuse: (code, urn, message, hint) => this.refuse(code, urn, message, hint),
    })
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
    this.creates.lookupOf(urn, inputs)
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
