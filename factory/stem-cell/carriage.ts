import { PipiError } from '../../catalog/errors.ts'
import type { Artifact, Built } from '../../engines/contract/engine.ts'
import type { Grant } from '../../stacks/contract/grant.ts'
import type { OpenIntent } from '../../stacks/contract/intents.ts'
import type { GuardRules } from '../../stacks/contract/rule.ts'
import type { StackResult } from '../../stacks/driver/run-stack.ts'
import type { Adoption } from '../../stacks/guard/options.ts'
import type { StackState } from '../../stacks/state/read.ts'
import type { Status } from '../contract/status.ts'
import type { Birth } from '../contract/stem-cell.ts'
import type { DeploymentKind, Drift, Order, Refusal } from '../contract/truth.ts'
import type { WorstSpend } from './plan/worst-spend.ts'
import type { Story } from './story.ts'

/** One deployment on its way through an engine: what is known of it grows step by step. */
export interface Carriage {
  birth: Birth
  order: Order
  /** Aborted with `cancel` (what is in flight ends), `stop` (likewise; we go) or `lost` (at once). */
  signal: AbortSignal
  story: Story
  /** Rules of the engine, bound to this cloud account's plan and region. */
  rules: GuardRules
  /** gRPC address by provider name. */
  upstreams: Record<string, string>
  /** What it is let in with, as providers take it, by provider configuration key. */
  credentials: Record<string, string>
  /** Credentials and configuration that join behind the Pulumi engine. */
  configuration: Record<string, unknown>
  /** Gives back what was opened for this configuration alone. */
  release?: () => void
  /** A folder of this deployment alone. */
  folder: string
  built: Map<string, { built: Built; artifact: Artifact }>
  commit?: string
  /** The making of an empty stack, under way beside the build. */
  opening?: Promise<{ opened: boolean; error?: unknown }>
  state?: StackState
  /** What the engine's programs have to name and only the platform can tell. */
  surroundings?: Readonly<Record<string, string>>
  grant?: Grant
  /** What the state holds and the platform does not: deleted first, and nothing came in its place: ids by URN (steps/recover.ts). */
  gone: Map<string, string>
  /** A destroy: what stays, by URN, and what is to go. */
  kept: Set<string>
  condemned: Condemned[]
  /** What will be replaced, by URN, and why the old one has to go first where it has. */
  replacements: Map<string, { deleteFirst?: string }>
  /** What each watched meter may cost before its reader shows it. */
  worst?: (WorstSpend & { resource: string })[]
  /** What stands otherwise than it was deployed, from whenever: a refresh adds to it. */
  drift: Drift[]
  /** What this refresh itself saw, with what the platform changed of its own. */
  noticed: Drift[]
  /** A refresh that sets back what it found, and whether it has. */
  repairing?: boolean
  repaired?: boolean
  open: OpenIntent[]
  adoptions: Map<string, Adoption>
  result?: StackResult
  outputs?: Record<string, unknown>
}

/** What a destroy takes away, as the platform can be asked for it afterwards. */
export interface Condemned {
  urn: string
  type: string
  id: string
  lookup: Record<string, unknown>
}

/** One step of a deployment's way in an engine. */
export interface Step {
  name: string
  /** The state that is shown while it runs. */
  status: Status
  kinds: readonly DeploymentKind[]
  /** Left out for this one, although its kind has it. */
  skip?(carriage: Carriage): boolean
  run(carriage: Carriage): Promise<void>
}

/** A verdict of the lock: ends the way as `refused`. */
export class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.name = 'Refused'
    this.refusal = refusal
  }
}

export function requireState(carriage: Carriage): StackState {
  if (carriage.state !== undefined) return carriage.state
  throw new PipiError('platform.internal', 'the stack was used before it was read')
}

/** A refresh only looks, until it sets back what it found. */
export function onlyLooks({ order, repairing }: Carriage): boolean {
  return order.kind === 'refresh' && repairing !== true
}

/** What is made is made to burn nothing. */
export function standsStill({ order }: Carriage): boolean {
  return order.kind === 'suspend' || (order.kind === 'refresh' && order.suspended === true)
}

export function projectOf(engine: string): string {
  return `pipi-${engine}`
}
