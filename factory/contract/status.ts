import { z } from 'zod'

/** Where a deployment is. Each non-final state has a deadline; the final ones never change again. */
export const STATUSES = [
  'accepted',
  'assigned',
  'building',
  'planning',
  'awaiting-approval',
  'reserving',
  'applying',
  'verifying',
  'succeeded',
  'failed',
  'refused',
  'cancelled',
  'superseded',
  'dead',
] as const
export const statusSchema = z.enum(STATUSES)
export type Status = (typeof STATUSES)[number]

export const FINAL = [
  'succeeded',
  'failed',
  'refused',
  'cancelled',
  'superseded',
  'dead',
] as const satisfies readonly Status[]
export type FinalStatus = (typeof FINAL)[number]

/**
 * The one table of legal transitions. `accepted` again from any working state is a takeover: the engine died or lost
 * its lease, and the deployment waits for another. A test walks every cell.
 */
export const TRANSITIONS: Record<Status, readonly Status[]> = {
  accepted: ['assigned', 'refused', 'cancelled', 'superseded', 'dead', 'failed'],
  assigned: ['building', 'planning', 'accepted', 'failed', 'refused', 'cancelled', 'dead'],
  building: ['planning', 'accepted', 'failed', 'refused', 'cancelled', 'dead'],
  planning: ['awaiting-approval', 'reserving', 'succeeded', 'accepted', 'failed', 'refused', 'cancelled', 'dead'],
  'awaiting-approval': ['reserving', 'accepted', 'failed', 'cancelled', 'dead'],
  reserving: ['applying', 'accepted', 'failed', 'refused', 'cancelled', 'dead'],
  applying: ['verifying', 'succeeded', 'accepted', 'failed', 'refused', 'cancelled', 'dead'],
  verifying: ['succeeded', 'accepted', 'failed', 'cancelled', 'dead'],
  succeeded: [],
  failed: [],
  refused: [],
  cancelled: [],
  superseded: [],
  dead: [],
}

/** How long a deployment may stay in a state before the reconciler acts, milliseconds. */
export const DEADLINES_MS: Record<Exclude<Status, FinalStatus>, number> = {
  accepted: 24 * 3600_000,
  assigned: 60_000,
  building: 15 * 60_000,
  planning: 60_000,
  'awaiting-approval': 7 * 24 * 3600_000,
  reserving: 30_000,
  applying: 30 * 60_000,
  verifying: 5 * 60_000,
}

export function isFinal(status: Status): status is FinalStatus {
  return (FINAL as readonly Status[]).includes(status)
}
