import type { ErrorCode } from '../../catalog/errors.ts'
import type { PlatformReader } from '../contract/find.ts'
import type { Grant } from '../contract/grant.ts'
import type { IntentLog } from '../contract/intents.ts'
import type { GuardRules } from '../contract/rule.ts'
import type { Values } from '../wire/values.ts'

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
