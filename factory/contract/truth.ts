import type { Amount, BoundClass } from '../../catalog/demand.ts'
import type { ErrorCode } from '../../catalog/errors.ts'
import type { CloudAccount } from '../../engines/contract/engine.ts'
import type { Manifest } from '../../engines/contract/manifest.ts'
import type { AccountCheck, Found, Gone, Usage } from '../../engines/contract/watch.ts'
import type { IntentLog } from '../../stacks/contract/intents.ts'
import type { FinalStatus, Status } from './status.ts'

/**
 * `suspend`: what stands is made to burn nothing (each rule's `suspended`), `resume`: the way back; `secure`: the cloud
 * account's own guard rails (`engines/<code>/guard-rails.ts`) in a workspace of their own.
 */
export type DeploymentKind = 'deploy' | 'preview' | 'refresh' | 'rollback' | 'destroy' | 'suspend' | 'resume' | 'secure'

/** The source as the truth keeps it: an exact place, or bytes that the client sent along. */
export type OrderSource =
  | { kind: 'git'; url: string; ref: string; path: string; commit?: string; local: boolean }
  | { kind: 'upload'; digest: string }

/** One deployment as an engine gets it. Everything it needs; nothing of anybody else. */
export interface Order {
  deployment: string
  kind: DeploymentKind
  account: string
  workspace: { id: string; name: string }
  engine: string
  cloudAccount: CloudAccount
  region: string
  /** For `destroy`, the manifest that was deployed last. */
  manifest: Manifest
  source: OrderSource
  /** Fencing token of the lease that `take` gave. */
  token: number
  attempt: number
  deleteData: boolean
  /** A promised end, ISO 8601: what runs until then need not fit the period after it. */
  endsAt?: string
  /** Passphrase of the stack's secrets. */
  secret: string
  /** The workspace's secrets by name, as they were when it was assigned: in clear here and in no other place. */
  secrets?: Record<string, string>
  /**
   * What it is let in with at the platform, by provider configuration key, as it was when it was assigned: in clear here
   * and in no other place. Missing: what the clone was born with, which is nothing where the platform assigns.
   */
  credentials?: Record<string, string>
  /** For `rollback`: digests of what was built for the deployment that is wanted again, as its settlement had them. */
  artifact?: string
  /** For `refresh`: what is found is set back, whatever the manifest says. */
  repair?: boolean
  /** For `refresh`: what earlier ones found and nothing has set back yet. */
  drift?: Drift[]
  /** For `refresh`: what stands is made to stand still, and is to stay so. */
  suspended?: boolean
}

/** What stands at the platform otherwise than it was deployed. */
export interface Drift {
  urn: string
  type: string
  id: string
  what: 'gone' | 'changed'
  /** Empty for what is gone. */
  properties: DriftedProperty[]
}

export interface DriftedProperty {
  /** As `spec.services[0].size`. */
  path: string
  /** JSON, cut where it is long; `was` is missing where it was not there before, `is` where it is no more. */
  was?: string
  is?: string
  /** It holds a secret: that it differs is all that is said. */
  secret?: boolean
  /** The workspace's programs say what it is to be; else it is the platform's own affair, which nothing sets back. */
  declared: boolean
}

export interface ReserveLine {
  urn: string
  type: string
  amounts: Amount[]
  /** Old and new stand side by side for a while: the amounts come on top of what is held for this URN. */
  replacing?: boolean
}

export interface Refusal {
  code: ErrorCode
  resource?: string
  meter?: string
  unit?: string
  limit?: number
  held?: number
  asked?: number
  /** Who holds it: workspace names, with amounts. */
  holders?: { workspace: string; resource: string; amount: number }[]
  /** The worst class of what was asked. */
  class?: BoundClass
  /** What would be free instead, now: a region, a size, another engine. */
  alternatives?: { engine?: string; region?: string; what: string }[]
  message: string
  hint: string
}

export interface SettledResource {
  urn: string
  type: string
  /** Cloud id. */
  id: string
  amounts: Amount[]
  /** It takes no less than what is held for it: nobody can say now what it takes, or nothing came of the deployment. */
  keep?: boolean
  deadlineMs?: number
}

export interface Settlement {
  status: FinalStatus
  /** Everything that the stack really holds now: replaces what the workspace held. `null`: not known, keep all held. */
  resources: SettledResource[] | null
  /** The workspace has no state at all, as before its first deployment. */
  stateMissing?: boolean
  outputs?: Record<string, unknown>
  commit?: string
  artifactDigest?: string
  /** A refresh: what it found, and whether it was set back. */
  drift?: { found: Drift[]; repaired: boolean }
  refusal?: Refusal
  error?: { code: ErrorCode; message: string; hint?: string; phase?: string; lines?: string[] }
}

/** A line of a deployment's story, shown live and kept. */
export interface StoryLine {
  phase: Status
  level: 'info' | 'warn' | 'error'
  text: string
  /** Structured part: `{urn, type, operation, status, id}` for a resource, `{done, total}` for progress… */
  data?: Record<string, unknown>
}

/**
 * What an engine may ask of the truth, each a named function of its database role. Every call but `take` carries the
 * token; with a stale one it throws `lease.lost` and changes nothing.
 */
export interface EngineTruth {
  /** Takes the workspace's lease (token + 1) and the deployment. Null: not to be worked on (final, cancelled, held by another, not this engine's). */
  take(deployment: string): Promise<Order | null>
  /** Prolongs the lease. `cancel`: somebody asked for it. Throws `lease.lost`. */
  renew(order: Order): Promise<'ok' | 'cancel'>
  /** Moves along `TRANSITIONS`. */
  advance(order: Order, to: Status, waitingFor?: string): Promise<void>
  tell(order: Order, lines: StoryLine[]): Promise<void>
  /** All or none, in one transaction. What the workspace holds for the same URN already is counted once (the larger, until settled). */
  reserve(order: Order, lines: ReserveLine[]): Promise<{ ok: true } | { ok: false; refusal: Refusal }>
  /** What `reserve` would answer now; nothing is reserved. */
  wouldReserve(order: Order, lines: ReserveLine[]): Promise<{ ok: true } | { ok: false; refusal: Refusal }>
  /** What the workspace is known to differ in, as a whole: written before the stack's state takes it over. */
  noteDrift(order: Order, drift: Drift[]): Promise<void>
  intents(order: Order): IntentLog
  /** The bytes of an uploaded source (tar.gz). */
  upload(order: Order, digest: string): Promise<Uint8Array>
  /** The final step: holdings, outputs and the final state in one transaction; gives the lease back. */
  settle(order: Order, settlement: Settlement): Promise<void>
  /** Gives the lease back without a verdict (draining, shutting down): the deployment waits for another engine. */
  handBack(order: Order, reason: string): Promise<void>
  beat(beat: Beat): Promise<'work' | 'drain'>
  /** A watch of this engine's cloud accounts that is due and that no other clone has. Null: none. */
  takeWatch(clone: string, kinds: readonly WatchKind[]): Promise<Watch | null>
  /** What was seen. Refused with `lease.lost` when another clone has taken the watch meanwhile. */
  reportWatch(watch: Watch, report: WatchReport): Promise<void>
  close(): Promise<void>
}

export type WatchKind = 'usage' | 'survey' | 'check'

export interface Watch {
  kind: WatchKind
  cloudAccount: CloudAccount
  /** The clone that has it. */
  clone: string
  /** Milliseconds by the ledger's clock, which is the sandbox's in sandbox mode. */
  now: number
  /** To look with, by provider configuration key. Missing: what the clone was born with. */
  credentials?: Record<string, string>
  /** The account of ours that brought these credentials: whether they are what it claims is what is asked. */
  claim?: string
  /** For a look at use: what is gone and not read to its end yet. */
  gone?: Gone[]
  /** For a survey: what stands there as far as we know, so that what is found is measured as its owner's manifest says. */
  workspaces?: WatchedWorkspace[]
}

export interface WatchedWorkspace {
  id: string
  region: string
  manifest: Manifest
  resources: { urn: string; type: string; id: string }[]
}

export type WatchReport =
  | { ok: true; kind: 'usage'; usage: Usage }
  /** `types`: what the survey lists; of others its silence says nothing. */
  | { ok: true; kind: 'survey'; found: SurveyedResource[]; types: readonly string[] }
  | { ok: true; kind: 'check'; check: AccountCheck }
  | { ok: false; code: ErrorCode; message: string; hint?: string }

/** A resource that a survey found, with what it takes by the engine's rules (empty and `unknown` where they know none). */
export interface SurveyedResource extends Found {
  amounts: Amount[]
  /** Why nobody can say what it takes. */
  unknown?: string
}

/** An engine clone's sign of life. */
export interface Beat {
  clone: string
  engine: string
  host: string
  pid: number
  state: 'starting' | 'idle' | 'busy' | 'draining' | 'gone'
  running: string[]
  capacity: number
}

export const LEASE_MS = 10_000
export const RENEW_MS = 3_000
export const BEAT_MS = 2_000
