import type { Component, ComponentKind } from '../../engines/contract/component.ts'

/** What the commander has to know of an engine to judge a request; made from its folder, without loading its SDK. */
export interface EngineFacts {
  code: string
  name: string
  /** Free regions, best first. */
  regions: string[]
  /** Under which scope the ledger counts each region's meters, where not under its name. */
  scopes?: Readonly<Record<string, string>>
  /** Component kinds that have a free carrier there. */
  kinds: ComponentKind[]
  /** Why a kind has none. */
  noCarrier: Partial<Record<ComponentKind, string>>
  /** Why this component has none, though its kind has one; undefined: it has. */
  refuses?(component: Component): string | undefined
  /** Plans that the catalogue knows; `selfStops`: at its limits the platform stops by itself and bills nothing. */
  plans: { id: string; selfStops: boolean }[]
  /** Whether it can set walls of the cloud account's own. */
  guardRails: boolean
  /** Why it cannot. */
  noGuardRails?: string
  /** What it needs to be let in, and where that came from: `from` is missing where it is not there. Never a value. */
  credentials?: {
    name: string
    secret: boolean
    from?: 'environment' | 'file' | 'kept' | 'sandbox'
    problem?: string
  }[]
  /** Which of its ways to be let in is used; missing: none is complete. */
  way?: string
  /** The other ways, with the variables of each. */
  otherWays?: { name: string; needs: string[] }[]
  /**
   * Who is billed there, or why nothing can be deployed there now. `planSetBy`: the variable of the environment that says
   * the plan, where it does.
   */
  cloudAccount: { ok: true; id: string; plan: string; planSetBy?: string } | { ok: false; reason: string; hint: string }
}
