import type { Status } from '../../factory/contract/status.ts'
import type { Database } from './open.ts'

export interface TakenOver {
  id: string
  workspace: string
  was: Status
  became: 'accepted' | 'cancelled' | 'dead'
  reason: string
}

/** How often a deployment may be begun before it is dead. */
export const MOST_ATTEMPTS = 5

/** Deployments whose engine is gone, or that stood too long, wait again with one more attempt, or are dead. */
export async function takeOver(db: Database, mostAttempts = MOST_ATTEMPTS): Promise<TakenOver[]> {
  return db.query<TakenOver>('select id, workspace, was, became, reason from pipi.take_over($1)', [mostAttempts])
}
