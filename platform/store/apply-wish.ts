import { newId } from './id.ts'
import type { Queryable } from './open.ts'
import type { Proposal } from './proposal.ts'
import type { StatedMeter } from './seed-meters.ts'

/** What the facts say of a plan: its limits, and whether it stops by itself, so that watching is enough. */
export type MetersOfPlan = (engine: string, plan: string) => Promise<{ meters: StatedMeter[]; selfStops: boolean }>

/** Makes a confirmed wish so, in the transaction that confirms it. */
export async function applyWish(tx: Queryable, proposal: Proposal, by: string, metersOf: MetersOfPlan): Promise<void> {
  const { cloudAccount } = proposal
  const set = (column: string, value: unknown) =>
    tx.query(`update pipi.cloud_accounts set ${column} = $2 where id = $1`, [cloudAccount, value])
  switch (proposal.what) {
    case 'budget':
      await seedMoney(tx, cloudAccount)
      return
    case 'credit':
      await tx.query(
        'insert into pipi.credits (id, cloud_account, usd, expires_at, note, made_by) values ($1, $2, $3, $4, $5, $6)',
        [newId('c'), cloudAccount, proposal.value.usd, proposal.value.expires, proposal.value.note, by],
      )
      await seedMoney(tx, cloudAccount)
      return
    case 'watched':
      await set('consent_watched', proposal.value.agreed)
      return
    case 'stale':
      await set('stale_until', proposal.value.until)
      return
    case 'on-burn':
      await set('on_burn', proposal.value.do)
      return
    case 'switch':
      await set('resume', proposal.value.reopens)
      return
    case 'plan': {
      const { meters, selfStops } = await metersOf(proposal.engine, proposal.value.plan)
      await set('plan', proposal.value.plan)
      // An agreement was given for the plan of its day. What the platform says of the old plan says nothing of this one.
      await set('consent_watched', selfStops)
      await set('armed', null)
      await tx.query(
        `update pipi.watches set due_at = least(due_at, pipi.ledger_now()) where cloud_account = $1 and kind = 'check'`,
        [cloudAccount],
      )
      await tx.query('select pipi.seed_meters($1, $2)', [cloudAccount, JSON.stringify(meters)])
      await seedMoney(tx, cloudAccount)
      return
    }
  }
}

/** After whatever changes a budget or a credit: the money meters follow. */
export async function seedMoney(tx: Queryable, cloudAccount: string): Promise<void> {
  await tx.query('select pipi.seed_money($1)', [cloudAccount])
}
