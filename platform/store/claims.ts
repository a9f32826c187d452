import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { present } from './deployment.ts'
import type { Queryable } from './open.ts'
import { requestWatch } from './watches.ts'

const findingSchema = z.object({
  what: z.string(),
  ok: z.boolean(),
  why: z.string(),
  hint: z.string().optional(),
  guard: z.boolean().optional(),
})

/** What an account's (or the platform's own) credentials at an engine are said to be, and what the platform said of it. */
const claimSchema = z.object({
  account: z.string(),
  engine: z.string(),
  /** An account's; else the platform's own, which its owner's environment gives. */
  own: z.boolean(),
  cloudAccount: z.string(),
  plan: z.string(),
  consentWatched: z.boolean(),
  way: z.string(),
  digest: z.instanceof(Uint8Array),
  /** Whether the platform itself confirmed it; missing: not asked yet. */
  armed: z.boolean().optional(),
  findings: z.array(findingSchema),
  checkedAt: z.date().optional(),
  /** Since when it is another one than before; missing: it was the first of a cloud account that nobody knew. */
  changedAt: z.date().optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional(), at: z.string() }).optional(),
})
export type Claim = z.output<typeof claimSchema>

const SELECT = `select account, engine, own, cloud_account as "cloudAccount", plan, consent_watched as "consentWatched", way, digest, armed, findings,
  checked_at as "checkedAt", changed_at as "changedAt", error from pipi.claims`

export interface ClaimToKeep
  extends Pick<Claim, 'account' | 'engine' | 'own' | 'cloudAccount' | 'plan' | 'consentWatched' | 'way' | 'digest'> {
  /** Digest of all of it, with what is short-lived. */
  content: Uint8Array
  /** For the engine; made only when something is new. */
  seal(): Uint8Array
}

/**
 * Makes a claim what is given now. Another set, account or plan is another claim, which nobody has confirmed yet: an
 * account's own is looked at at once, and with another one of the platform's own the cloud account is. The same with a
 * newer token stays confirmed.
 */
export async function keepClaim(on: Queryable, claim: ClaimToKeep): Promise<void> {
  const { account, engine, own, cloudAccount, plan, consentWatched, way, digest, content } = claim
  const [same] = await on.query(
    'select from pipi.claims where account = $1 and engine = $2 and own = $3 and digest = $4 and content = $5',
    [account, engine, own, digest, content],
  )
  if (same !== undefined) return
  const [row] = await on.query<{ changed: boolean }>(
    `insert into pipi.claims as k (account, engine, own, cloud_account, plan, consent_watched, way, digest, content, sealed, due_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $3 then pipi.ledger_now() end,
       (select clock_timestamp() from pipi.cloud_accounts c where c.id = $4 and c.checked_at is not null))
     on conflict (account, engine, own) do update set cloud_account = excluded.cloud_account, plan = excluded.plan,
       consent_watched = excluded.consent_watched, way = excluded.way, digest = excluded.digest, content = excluded.content, sealed = excluded.sealed,
       armed = case when k.digest = excluded.digest then k.armed end, findings = case when k.digest = excluded.digest then k.findings else '[]' end,
       checked_at = case when k.digest = excluded.digest then k.checked_at end, error = null,
       due_at = case when k.digest = excluded.digest and k.error is null then k.due_at else excluded.due_at end,
       -- Who is looking looks with what was there before.
       taken_by = case when k.digest = excluded.digest then k.taken_by end, taken_until = case when k.digest = excluded.digest then k.taken_until end,
       changed_at = case when k.digest = excluded.digest then k.changed_at else clock_timestamp() end
     returning coalesce(changed_at >= now(), false) as changed`,
    [account, engine, own, cloudAccount, plan, consentWatched, way, digest, content, claim.seal()],
  )
  if (!own && row?.changed === true) await requestWatch(on, cloudAccount, 'check')
}

export async function dropClaim(on: Queryable, account: string, engine: string, own: boolean): Promise<void> {
  await on.query('delete from pipi.claims where account = $1 and engine = $2 and own = $3', [account, engine, own])
}

/** Of an account's own only those at these engines are left. */
export async function dropOtherClaims(on: Queryable, account: string, engines: readonly string[]): Promise<void> {
  await on.query('delete from pipi.claims where account = $1 and own and not engine = any($2)', [account, engines])
}

export async function findClaim(
  on: Queryable,
  account: string,
  engine: string,
  own: boolean,
): Promise<Claim | undefined> {
  const [row] = await on.query(`${SELECT} where account = $1 and engine = $2 and own = $3`, [account, engine, own])
  return row && claimSchema.parse(present(row))
}

/** Accounts' own that the platform has confirmed and that are not in use yet. */
export async function claimsToAdmit(on: Queryable): Promise<Claim[]> {
  const rows = await on.query(
    `${SELECT} k where own and armed and not exists (select from pipi.account_clouds a where a.account = k.account and a.cloud_account = k.cloud_account)
     order by account, engine`,
  )
  return rows.map((row) => claimSchema.parse(present(row)))
}

/** Takes back that it was confirmed, for a reason that our own books give. */
export async function refuseClaim(on: Queryable, claim: Claim, finding: z.input<typeof findingSchema>): Promise<void> {
  await on.query(
    `update pipi.claims set armed = false, findings = jsonb_build_array($5::jsonb) || findings
     where account = $1 and engine = $2 and own = $3 and digest = $4`,
    [claim.account, claim.engine, claim.own, claim.digest, JSON.stringify(finding)],
  )
}

/** Has an account's own asked about now. @returns the moment to wait from, undefined where it has none */
export async function requestClaim(on: Queryable, account: string, engine: string): Promise<Date | undefined> {
  const [row] = await on.query<{ now: Date }>(
    `update pipi.claims set due_at = pipi.ledger_now(), asked = true, taken_by = null, taken_until = null
     where account = $1 and engine = $2 and own returning clock_timestamp() as now`,
    [account, engine],
  )
  return row?.now
}

/** The claim once something was reported after `since`; undefined when nothing came in time. */
export async function waitForClaim(
  on: Queryable,
  account: string,
  engine: string,
  since: Date,
  patienceMs: number,
): Promise<Claim | undefined> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await pause(100)) {
    const claim = await findClaim(on, account, engine, true)
    if (claim === undefined) return undefined
    if (claim.checkedAt !== undefined && claim.checkedAt > since) return claim
    if (claim.error !== undefined && Date.parse(claim.error.at) > since.getTime()) return claim
  }
  return undefined
}
