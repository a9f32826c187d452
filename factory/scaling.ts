import type { Beat } from './contract/truth.ts'

/** What the factory knows of one engine when it decides. */
export interface EngineFigures {
  engine: string
  /** Deployments that a free clone could start now. */
  waiting: number
  /** How long the oldest of them has waited, milliseconds. */
  oldestWaitMs: number
  /** The platform has to be looked at now: one clone is wanted for it, where none lives. */
  watchDue?: boolean
  clones: CloneFigures[]
}

export interface CloneFigures {
  clone: string
  state: Beat['state']
  /** How long it has had nothing to do, milliseconds; 0 while it works. */
  idleMs: number
}

export interface ScalingPolicy {
  /** Clones kept ready even when nothing waits. */
  min: number
  max: number
  /** A deployment that waits longer than this is a reason to breed, milliseconds. */
  breedAfterMs: number
  /** A clone beyond `min` that has been idle longer than this is drained, milliseconds. */
  drainAfterMs: number
}

export type ScalingDecision =
  | { act: 'breed'; because: string }
  | { act: 'drain'; clone: string; because: string }
  | { act: 'nothing'; because: string }

/** One decision for one engine, from figures alone. A clone that works is never drained. */
export function scale(figures: EngineFigures, policy: ScalingPolicy): ScalingDecision {
  const alive = figures.clones.filter((clone) => clone.state !== 'draining' && clone.state !== 'gone')
  if (alive.length < policy.min) return breed(`${alive.length} of at least ${policy.min} clones are alive`)

  // With nobody there the wait cannot end by itself.
  if (figures.waiting > 0 && (alive.length === 0 || figures.oldestWaitMs >= policy.breedAfterMs)) {
    if (alive.length >= policy.max) return nothing(`${figures.waiting} wait, but ${policy.max} clones are the most`)
    if (alive.some((clone) => clone.state === 'starting')) return nothing('a clone is being born already')
    return breed(`${figures.waiting} wait, the oldest for ${Math.round(figures.oldestWaitMs)} ms`)
  }

  if (figures.watchDue === true && alive.length === 0 && policy.max > 0) return breed('a watch is due')

  if (figures.waiting === 0 && alive.length > policy.min) {
    const idle = alive.filter((clone) => clone.state === 'idle' && clone.idleMs >= policy.drainAfterMs)
    const longest = idle.sort((a, b) => b.idleMs - a.idleMs || a.clone.localeCompare(b.clone))[0]
    if (longest)
      return { act: 'drain', clone: longest.clone, because: `nothing to do for ${Math.round(longest.idleMs)} ms` }
  }
  return nothing(figures.waiting > 0 ? `${figures.waiting} wait, not yet for long` : 'nothing waits')
}

function breed(because: string): ScalingDecision {
  return { act: 'breed', because }
}

function nothing(because: string): ScalingDecision {
  return { act: 'nothing', because }
}
