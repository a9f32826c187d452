import type { ComponentKind } from '../../engines/contract/manifest.ts'

/** What the commander has to know of an engine to judge a request; made from its folder, without loading its SDK. */
export interface EngineFacts {
  code: string
  name: string
  /** Free regions, best first. */
  regions: string[]
  /** Component kinds that have a free carrier there. */
  kinds: ComponentKind[]
  /** Why a kind has none. */
  noCarrier: Partial<Record<ComponentKind, string>>
  /** Who is billed there, or why nothing can be deployed there now. */
  cloudAccount: { ok: true; id: string; plan: string } | { ok: false; reason: string; hint: string }
}
