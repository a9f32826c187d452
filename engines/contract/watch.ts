import type { PlatformReader } from '../../stacks/contract/find.ts'
import type { CloudAccount } from './engine.ts'

/** A call of a platform's own HTTP API. In sandbox mode it goes to the simulated cloud, which answers the same. */
export interface ApiRequest {
  method: 'GET' | 'POST'
  /** Absolute address as the platform's documentation gives it, e.g. `https://freetier.us-east-1.api.aws/`. */
  url: string
  headers?: Record<string, string>
  /** A text is sent as it is, anything else as JSON. */
  body?: unknown
}

/** The same as it goes over the wire. */
export interface WireRequest {
  method: string
  url: string
  /** Names in small letters. */
  headers: Record<string, string>
  body: string | undefined
}

export interface ApiAnswer {
  status: number
  /** Parsed JSON, or the text where it is none. */
  body: unknown
}

/**
 * `engines/<code>/watch/authenticate.ts`, default export: how the engine proves who it is. Called once for each look at
 * the platform, and what it gives for every request: the headers that are added. `send` goes out without proof.
 */
export type Authenticate = (given: {
  credentials: Readonly<Record<string, string>>
  send(request: ApiRequest): Promise<ApiAnswer>
}) => (request: WireRequest) => Promise<Record<string, string>>

/**
 * Credentials as providers and watches take them, from those that the engine was given by whatever way; called once for
 * each deployment and each look. Values are by provider configuration key on both sides. `send` goes out without proof.
 */
export type Exchange = (given: {
  credentials: Readonly<Record<string, string>>
  send(request: ApiRequest): Promise<ApiAnswer>
}) => Promise<Record<string, string>>

/** What an engine's watch modules are given. They change nothing at the platform, and no call of theirs costs money. */
export interface WatchContext {
  account: CloudAccount
  /** All regions in which something of ours may be, the engine's own. */
  regions: readonly string[]
  /** Provider's Read and data sources. */
  platform: PlatformReader
  /** Authenticated as the engine; retries 429 and 5xx a few times. */
  api(request: ApiRequest): Promise<ApiAnswer>
  /** Values of the engine's credentials by provider configuration key. */
  credentials: Readonly<Record<string, string>>
  /** Milliseconds since 1970 by the ledger's clock, which is the sandbox's in sandbox mode. */
  now: number
  /** For a look at use: what is gone and not read to its end yet, the longest gone first. Left out: nothing. */
  gone?: readonly Gone[]
  signal: AbortSignal
}

/**
 * Something of ours that is gone in the running period. As long as no reading by resource goes beyond its end it counts
 * with all that it may have used since the last one.
 */
export interface Gone {
  id: string
  type: string
  region: string
  /** The most that it can have used in an hour, by meter, where that is known. */
  perHour: Readonly<Record<string, number>>
}

/** What a platform says was used of one meter since its period began. */
export interface Reading {
  meter: string
  scope: string
  /** Everything of the cloud account, in the meter's unit. */
  total: number
  /** Ours told apart by cloud id, where the platform does. */
  byResource?: { id: string; amount: number }[]
  /** Up to when the figures go, milliseconds since 1970. */
  until: number
}

export interface Usage {
  readings: Reading[]
  /** What the platform says it will charge for the running month, USD; anything above 0 is an alarm. */
  charged?: { usd: number; says: string }
}

export type ReadUsage = (context: WatchContext) => Promise<Usage>

/** Something that exists at the platform, whoever made it. */
export interface Found {
  type: string
  id: string
  /** As the rules' demand takes them. */
  inputs: Record<string, unknown>
  region: string
  /** Workspace id and hash of the URN, where it carries our tag or name. */
  owner?: { workspace: string; urn?: string }
}

/**
 * Everything of the cloud account that some meter counts, ours or not. Types that a survey cannot list say nothing by
 * being absent: its module also exports `types`, those it does list.
 */
export type Survey = (context: WatchContext) => Promise<Found[]>

/** One thing that was looked at. `guard: true`: a wall of the account's own, or a right; missing is no reason to refuse. */
export interface Finding {
  what: string
  ok: boolean
  why: string
  hint?: string
  guard?: boolean
}

export interface AccountCheck {
  /** As the platform itself states them; missing where it does not say. */
  id?: string
  plan?: string
  findings: Finding[]
}

/** Whether an account is what it claims to be, and which walls of its own stand. */
export type CheckAccount = (context: WatchContext) => Promise<AccountCheck>

export interface GuardRailsContext {
  account: CloudAccount
  region: string
  /** All in which something of ours may be; elsewhere nothing has to be possible. */
  regions: readonly string[]
  /** Where alarms go; none: the platform's own owner. */
  email?: string
  /** What the catalogue states for the account's plan: number by meter id. */
  limits: Readonly<Record<string, number>>
}

/** The account's own walls as a stack of their own. `declare` registers Pulumi resources and returns outputs. */
export interface GuardRails {
  declare(context: GuardRailsContext): Record<string, unknown>
}
