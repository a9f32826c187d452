import { z } from 'zod'
import { present } from './deployment.ts'
import type { Queryable } from './open.ts'

const usd = z.number().max(1_000_000).multipleOf(0.01, 'USD, in whole cents')
/** A day is its beginning: what has to be over by then is over in every time zone. */
const momentSchema = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((text) => new Date(text).toISOString())

/** What the owner of a cloud account may want to be otherwise, each with the shape of its value. */
export const wishSchema = z.discriminatedUnion('what', [
  z.strictObject({ what: z.literal('budget'), value: z.strictObject({ usdPerMonth: usd.min(0) }) }),
  z.strictObject({
    what: z.literal('credit'),
    value: z.strictObject({ usd: usd.positive(), expires: momentSchema, note: z.string().max(200).default('') }),
  }),
  z.strictObject({ what: z.literal('watched'), value: z.strictObject({ agreed: z.boolean() }) }),
  z.strictObject({ what: z.literal('stale'), value: z.strictObject({ until: momentSchema.nullable() }) }),
  z.strictObject({ what: z.literal('plan'), value: z.strictObject({ plan: z.string().min(1).max(60) }) }),
  z.strictObject({
    what: z.literal('switch'),
    value: z.strictObject({ reopens: z.enum(['by-hand', 'next-period']) }),
  }),
  z.strictObject({ what: z.literal('on-burn'), value: z.strictObject({ do: z.enum(['stop', 'suspend']) }) }),
])
export type Wish = z.output<typeof wishSchema>

const wayOfProposal = z.object({
  id: z.string(),
  account: z.string(),
  cloudAccount: z.string(),
  engine: z.string(),
  state: z.enum(['open', 'confirmed', 'withdrawn', 'expired']),
  proposedBy: z.string(),
  proposedAt: z.string(),
  confirmBefore: z.string(),
  confirmedBy: z.string().optional(),
  confirmedAt: z.string().optional(),
})
/** A wish on its way: it does nothing before the owner has confirmed it in time. Times are ISO 8601. */
export type Proposal = Wish & z.output<typeof wayOfProposal>

const SELECT = `select p.id, p.account, p.cloud_account as "cloudAccount", c.engine, p.what, p.value, p.proposed_by as "proposedBy", p.proposed_at as "proposedAt",
    p.confirm_before as "confirmBefore", p.confirmed_by as "confirmedBy", p.confirmed_at as "confirmedAt",
    case when p.confirmed_at is not null then 'confirmed' when p.withdrawn_at is not null then 'withdrawn'
      when p.confirm_before <= clock_timestamp() then 'expired' else 'open' end as state
  from pipi.proposals p join pipi.cloud_accounts c on c.id = p.cloud_account`

/** Undefined when the account has none of that id. */
export async function readProposal(on: Queryable, account: string, id: string): Promise<Proposal | undefined> {
  const [row] = await on.query(`${SELECT} where p.account = $1 and p.id = $2`, [account, id])
  return row && toProposal(row)
}

/** Newest first, at most 100; of one cloud account or of all. */
export async function listProposals(on: Queryable, account: string, cloudAccount?: string): Promise<Proposal[]> {
  const rows = await on.query(
    `${SELECT} where p.account = $1 and ($2::text is null or p.cloud_account = $2) order by p.proposed_at desc, p.id desc limit 100`,
    [account, cloudAccount ?? null],
  )
  return rows.map(toProposal)
}

function toProposal(row: Record<string, unknown>): Proposal {
  const read = present(row, (value) => (value instanceof Date ? value.toISOString() : value))
  return { ...wayOfProposal.parse(read), ...wishSchema.parse({ what: read.what, value: read.value }) }
}
