import { z } from 'zod'
import type { SurveyedResource } from '../../factory/contract/truth.ts'
import type { Queryable } from './open.ts'
import type { PlacedWorkspace } from './placed-workspace.ts'

/** A survey that nobody has compared with the ledger yet. */
export interface FreshSurvey {
  cloudAccount: string
  engine: string
  plan: string
  /** When the look began: what changed since then may be in it or not. */
  began: Date
  /** The platform was looked at. */
  looked: boolean
  /** Types that it lists. */
  types: string[]
  found: SurveyedResource[]
  /** What stood beside ours at the comparison before. */
  before: unknown[]
}

/** One workspace of a cloud account, as the ledger has it. */
export interface HeldWorkspace extends PlacedWorkspace {
  /** The manifest of what stands; null when nothing ever did. */
  manifest: unknown
  /** A deployment is under way, or was while the survey looked. */
  busy: boolean
  /** The newest deployment: the occasion of what is done about it. */
  last: string
  /** That was a refresh of the platform's own: it was looked up already. */
  lookedUp: boolean
  resources: { urn: string; type: string; id: string }[]
  /** What is held by resource and meter, what money pays included. */
  held: { urn: string; type: string; meter: string; scope: string; amount: number }[]
  /** Resources of which nobody knows whether they exist. */
  uncertain: { urn: string; type: string }[]
}

const freshSchema = z.object({
  cloudAccount: z.string(),
  engine: z.string(),
  plan: z.string(),
  began: z.date(),
  types: z.array(z.string()),
  found: z.array(z.custom<SurveyedResource>()),
  before: z.array(z.unknown()),
})

/** Takes a survey to compare; nobody else gets it while the transaction lasts. */
export async function freshSurvey(tx: Queryable): Promise<FreshSurvey | undefined> {
  const [row] = await tx.query(
    `select c.id as "cloudAccount", c.engine, c.plan, (w.result ->> 'began')::timestamptz as began, w.result -> 'types' as types, w.result -> 'found' as found, w.result -> 'beside' as before
     from pipi.watches w join pipi.cloud_accounts c on c.id = w.cloud_account
     where w.kind = 'survey' and w.result ? 'found' and not w.result ? 'differences'
     order by w.done_at limit 1 for no key update of w skip locked`,
  )
  return row && { ...freshSchema.parse(row), looked: true }
}

/** Every workspace that stands at a cloud account or may, and those that something found there names as its owner. */
export async function heldWorkspaces(
  tx: Queryable,
  cloudAccount: string,
  since: Date,
  owners: readonly string[],
): Promise<HeldWorkspace[]> {
  return tx.query<HeldWorkspace & Record<string, unknown>>(
    `select w.id, w.account, w.name, l.engine, coalesce(w.region, l.region) as region, $1 as "cloudAccount", w.manifest, l.id as last, l.kind = 'refresh' and l.requested_by is not distinct from 'platform' as "lookedUp",
       exists (select from pipi.deployments d where d.workspace = w.id and (d.finished_at is null or d.finished_at >= $2)) as busy,
       (select coalesce(jsonb_agg(jsonb_build_object('urn', r.urn, 'type', r.type, 'id', r.id) order by r.urn), '[]') from pipi.resources r where r.workspace = w.id) as resources,
       (select coalesce(jsonb_agg(to_jsonb(x) order by x.urn, x.meter, x.scope), '[]') from (
         select h.urn, min(h.type) as type, coalesce(h.pays_meter, h.meter) as meter, coalesce(h.pays_scope, h.scope) as scope, sum(coalesce(h.pays_amount, h.amount))::float8 as amount
         from pipi.holdings h where h.workspace = w.id and h.released_at is null group by 1, 3, 4) x) as held,
       (select coalesce(jsonb_agg(distinct jsonb_build_object('urn', u.urn, 'type', u.type)), '[]') from (
         select h.urn, h.type from pipi.holdings h where h.workspace = w.id and h.state = 'uncertain'
         union select i.urn, i.type from pipi.intents i where i.workspace = w.id and i.ended_at is null) u) as uncertain
     from pipi.workspaces w
     cross join lateral (select d.id, d.kind, d.requested_by, d.engine, d.region, d.cloud_account from pipi.deployments d where d.workspace = w.id order by d.position desc limit 1) l
     where coalesce(w.cloud_account, l.cloud_account) = $1
       and (w.live or w.id = any($3) or exists (select from pipi.resources r where r.workspace = w.id)
         or exists (select from pipi.holdings h where h.workspace = w.id and h.released_at is null)
         or exists (select from pipi.intents i where i.workspace = w.id and i.ended_at is null))
     order by w.id`,
    [cloudAccount, since, owners],
  )
}

/**
 * Makes a workspace's holdings what was found that it takes. False, and nothing is changed, when a deployment of it is
 * under way again: that one settles by itself.
 */
export async function correctHoldings(
  tx: Queryable,
  workspace: string,
  resources: readonly { urn: string; type: string; id: string; amounts: unknown[] }[],
): Promise<boolean> {
  const [row] = await tx.query<{ done: boolean }>('select pipi.correct_holdings($1, $2) as done', [
    workspace,
    JSON.stringify(resources),
  ])
  return row?.done === true
}

/** The meters of a cloud account, as `<meter> <scope>`, and those that have every scope as `<meter> *`. */
export async function knownMeters(tx: Queryable, cloudAccount: string): Promise<Set<string>> {
  const rows = await tx.query<{ key: string }>(
    `select meter || ' ' || scope as key from pipi.meters where cloud_account = $1`,
    [cloudAccount],
  )
  return new Set(rows.map((row) => row.key))
}

/** What a comparison left for whoever asked: it takes the place of what was found. */
export interface Compared {
  differences: readonly unknown[]
  beside: readonly unknown[]
  /** Deployments that look up what is not certain. */
  refreshes: readonly string[]
}

export async function surveyCompared(tx: Queryable, cloudAccount: string, compared: Compared): Promise<void> {
  await tx.query(
    `update pipi.watches set result = result - 'found' || $2::jsonb || jsonb_build_object('comparedAt', clock_timestamp()) where cloud_account = $1 and kind = 'survey'`,
    [cloudAccount, JSON.stringify(compared)],
  )
}

/** How many of these deployments are not final yet. */
export async function openAmong(on: Queryable, deployments: readonly string[]): Promise<number> {
  const [row] = await on.query<{ n: number }>(
    'select count(*)::int as n from pipi.deployments where id = any($1) and finished_at is null',
    [deployments],
  )
  return row?.n ?? 0
}

/** The cloud accounts that an account of ours uses, of one engine or of all. */
export async function cloudAccountsOf(
  on: Queryable,
  account: string,
  engine?: string,
): Promise<{ id: string; engine: string; plan: string }[]> {
  return on.query(
    `select c.id, c.engine, c.plan from pipi.account_clouds a join pipi.cloud_accounts c on c.id = a.cloud_account
     where a.account = $1 and ($2::text is null or c.engine = $2) order by c.engine, c.id`,
    [account, engine ?? null],
  )
}
