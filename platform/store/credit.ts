import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import { seedMoney } from './apply-wish.ts'
import { requireTerms } from './cloud-account.ts'
import { present } from './deployment.ts'
import type { Database, Queryable } from './open.ts'

/** Money put in once, with its last day. Amounts in USD, times ISO 8601. */
export const creditSchema = z.object({
  id: z.string(),
  cloudAccount: z.string(),
  engine: z.string(),
  usd: z.number(),
  expires: z.string(),
  note: z.string(),
  state: z.enum(['good', 'expired', 'withdrawn']),
  madeBy: z.string(),
  madeAt: z.string(),
})
export type Credit = z.output<typeof creditSchema>

const SELECT = `select k.id, k.cloud_account as "cloudAccount", c.engine, k.usd, k.expires_at as expires, k.note, k.made_by as "madeBy", k.made_at as "madeAt",
    case when k.withdrawn_at is not null then 'withdrawn' when k.expires_at <= pipi.ledger_now() then 'expired' else 'good' end as state
  from pipi.credits k join pipi.cloud_accounts c on c.id = k.cloud_account
  join pipi.account_clouds a on a.cloud_account = k.cloud_account`

/** Every credit of the cloud accounts that an account uses, newest first; of one engine or of all. */
export async function listCredits(on: Queryable, account: string, engine?: string): Promise<Credit[]> {
  const rows = await on.query(
    `${SELECT} where a.account = $1 and ($2::text is null or c.engine = $2) order by k.made_at desc, k.id desc`,
    [account, engine ?? null],
  )
  return rows.map(toCredit)
}

/**
 * Takes a credit back, at once: what it pays for already stays held and runs on, nothing more is granted on it. Twice is
 * once. Throws `not-found`, also for another account's, and `not-allowed` for one that only uses the cloud account.
 */
export async function withdrawCredit(db: Database, account: string, id: string, by: string): Promise<Credit> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query(`${SELECT} where a.account = $1 and k.id = $2 for no key update of k`, [account, id])
    if (!row) throw new PipiError('not-found', `there is no credit ${id}`, { hint: 'see ./pipi credit ls' })
    const credit = toCredit(row)
    if (credit.state === 'withdrawn') return credit
    await requireTerms(tx, account, credit.cloudAccount)
    await tx.query('update pipi.credits set withdrawn_at = clock_timestamp() where id = $1', [id])
    await seedMoney(tx, credit.cloudAccount)
    await tx.query('select pipi.write_journal($1, null, null, $2, $3, $4)', [
      account,
      by,
      'credit.withdrawn',
      JSON.stringify({ credit: id, cloudAccount: credit.cloudAccount, usd: credit.usd }),
    ])
    return { ...credit, state: 'withdrawn' }
  })
}

function toCredit(row: Record<string, unknown>): Credit {
  return creditSchema.parse(present(row, (value) => (value instanceof Date ? value.toISOString() : value)))
}
