import type { Amount } from '../../catalog/demand.ts'

export type GuardedOperation = 'create' | 'update' | 'replace' | 'delete' | 'import'

/** One line of a grant: what may happen to one resource, and what it may take. Keyed by URN. */
export interface GrantLine {
  urn: string
  type: string
  operation: GuardedOperation
  /** What is reserved for the resource once it exists; empty for a delete. */
  amounts: Amount[]
  /**
   * For a replacement: old and new may stand side by side, both are reserved. Without it the old one goes first, after
   * the verdict on the new one.
   */
  sideBySide?: boolean
}

/**
 * The amounts reserved for one deployment and the operations it may do. Plain data: it is made by the platform,
 * carried by the engine and checked by the guard, which knows nothing of the ledger.
 */
export interface Grant {
  deployment: string
  workspace: string
  /** Fencing token of the lease under which this grant was given. */
  token: number
  lines: GrantLine[]
  /** Stateful resources whose loss the request names (invariant 10). */
  mayLoseData: boolean
  /** Everything is given the inputs under which it burns nothing (`GuardRule.suspended`). */
  suspended?: boolean
}
