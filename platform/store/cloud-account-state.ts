import { z } from 'zod'
import { present } from './deployment.ts'
import type { Queryable } from './open.ts'

const moneySchema = z.object({ limit: z.number(), held: z.number(), used: z.number(), left: z.number() })

/** Who the platform bills, as the accounts that use it see it: terms, switch, what the platform itself confirmed, money. Times are ISO 8601. */
export const cloudAccountStateSchema = z.object({
  id: z.string(),
  engine: z.string(),
  plan: z.string(),
  /** Whether watched meters are fine here. */
  consentWatched: z.boolean(),
  switch: z.enum(['open', 'stopped', 'suspended']),
  switchWhy: z.string().optional(),
  switchedAt: z.string().optional(),
  /** What the kill switch does by itself. */
  onBurn: z.enum(['stop', 'suspend']),
  /** How it opens again after that. */
  reopens: z.enum(['by-hand', 'next-period']),
  /** Until when facts past their date may be used; missing: they may not. */
  staleUntil: z.string().optional(),
  /** Whether the platform confirmed id and plan; missing: it was not asked yet. */
  armed: z.boolean().optional(),
  findings: z.array(
    z.object({
      what: z.string(),
      ok: z.boolean(),
      why: z.string(),
      hint: z.string().optional(),
      guard: z.boolean().optional(),
    }),
  ),
  checkedAt: z.string().optional(),
  /** USD a month. */
  budget: moneySchema,
  /** USD, of credits that are still good. */
  credit: moneySchema,
})
export type CloudAccountState = z.output<typeof cloudAccountStateSchema>

const SELECT = `select c.id, c.engine, c.plan, c.consent_watched as "consentWatched", c.switch, c.switch_why as "switchWhy", c.switched_at as "switchedAt",
    c.on_burn as "onBurn", c.resume as reopens, case when c.stale_until > clock_timestamp() then c.stale_until end as "staleUntil",
    case when k.armed = false then false else c.armed end as armed, case when k.armed = false then k.findings else c.findings end as findings,
    case when k.armed = false then k.checked_at else c.checked_at end as "checkedAt",
    pipi.money_of(c.id, 'usd.budget') as budget, pipi.money_of(c.id, 'usd.credit') as credit
  from pipi.account_clouds a join pipi.cloud_accounts c on c.id = a.cloud_account
  -- What an account brought of its own may be wrong, and the cloud account right all the same.
  left join pipi.claims k on k.account = a.account and k.engine = c.engine and k.own and k.cloud_account = c.id`

/** The cloud accounts that an account of ours uses; of one engine or of all. */
export async function listCloudAccounts(on: Queryable, account: string, engine?: string): Promise<CloudAccountState[]> {
  const rows = await on.query(
    `${SELECT} where a.account = $1 and ($2::text is null or c.engine = $2) order by c.engine, c.id`,
    [account, engine ?? null],
  )
  return rows.map(toState)
}

/**
 * By its own id, or by the engine's code where the account uses one there. Undefined when it uses none of that name.
 * `lock`: nobody else changes its terms before the transaction ends.
 */
export async function findCloudAccount(
  on: Queryable,
  account: string,
  idOrCode: string,
  lock = false,
): Promise<CloudAccountState | undefined> {
  const rows = await on.query(
    `${SELECT} where a.account = $1 and (c.id = $2 or c.engine = $2) order by c.id = $2 desc, c.id limit 1 ${lock ? 'for no key update of c' : ''}`,
    [account, idOrCode],
  )
  return rows[0] && toState(rows[0])
}

function toState(row: Record<string, unknown>): CloudAccountState {
  return cloudAccountStateSchema.parse(present(row, (value) => (value instanceof Date ? value.toISOString() : value)))
}
