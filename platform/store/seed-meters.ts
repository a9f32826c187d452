import type { BoundClass } from '../../catalog/demand.ts'
import type { Database } from './open.ts'

/** A limit as the facts state it now. */
export interface StatedMeter {
  /** `<service id>.<meter name>`. */
  meter: string
  /** Empty for the whole cloud account; `*` for one that is counted per region or project: each gets this limit when it is first met. */
  scope: string
  unit: string
  period: 'concurrent' | 'month' | 'day' | 'lifetime'
  limit: number
  title?: string
  bound?: BoundClass
  /** USD for one unit beyond the limit: of the period, or of a month for what is counted while it exists. Missing: no money can pay for it. */
  usdPerUnit?: number
}

/**
 * Makes the ledger's limits what the facts say. May be called at every start: what is held stays held; a limit lowered
 * below it lets nothing more be reserved; a meter that is no longer stated has limit 0.
 */
export async function seedMeters(db: Database, cloudAccount: string, meters: readonly StatedMeter[]): Promise<void> {
  await db.query('select pipi.seed_meters($1, $2)', [cloudAccount, JSON.stringify(meters)])
}
