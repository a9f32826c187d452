import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ERRORS, type ErrorCode, PipiError } from '../../catalog/errors.ts'
import type { WatchKind } from '../../factory/contract/truth.ts'
import type { Database, Queryable } from './open.ts'

/** How often each watch of a cloud account is due, milliseconds of the ledger's clock; what is missing is not watched. */
export type WatchPlan = Partial<Record<WatchKind, number>>

/** Makes a cloud account's watches what the plan says. New ones are due at once; others keep their time. */
export async function openWatches(db: Database, cloudAccount: string, plan: WatchPlan): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `insert into pipi.watches (cloud_account, kind, every_ms) select $1, key, value::bigint from jsonb_each_text($2)
       on conflict (cloud_account, kind) do update set every_ms = excluded.every_ms`,
      [cloudAccount, JSON.stringify(plan)],
    )
    await tx.query('delete from pipi.watches where cloud_account = $1 and not kind = any($2)', [
      cloudAccount,
      Object.keys(plan),
    ])
  })
}

/**
 * Makes a watch due now. Who is looking already began before: its report is dropped, so that the next one is fresh.
 * @returns the moment to wait from, or undefined where the engine has no such watch
 */
export async function requestWatch(db: Queryable, cloudAccount: string, kind: WatchKind): Promise<Date | undefined> {
  const [row] = await db.query<{ now: Date }>(
    `update pipi.watches set due_at = least(due_at, pipi.ledger_now()), asked = true, taken_by = null, taken_until = null
     where cloud_account = $1 and kind = $2 returning clock_timestamp() as now`,
    [cloudAccount, kind],
  )
  return row?.now
}

const stateSchema = z.object({
  done: z.date().nullable(),
  result: z.unknown(),
  error: z
    .object({ code: z.string(), message: z.string(), hint: z.string().optional(), at: z.string() })
    .nullable()
    .catch(null),
})

/** How long a clone may take to come and look, milliseconds. */
const PATIENCE_MS = 120_000

/**
 * The result of a watch that was requested: waits for the first report after `since`. Throws what the clone could not
 * do, or `deadline.passed` when none came.
 */
export async function waitForWatch(
  db: Database,
  cloudAccount: string,
  kind: WatchKind,
  since: Date,
  { patienceMs = PATIENCE_MS, ready = () => true }: { patienceMs?: number; ready?: (result: unknown) => boolean } = {},
): Promise<unknown> {
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    const [row] = await db.query(
      'select done_at as done, result, error from pipi.watches where cloud_account = $1 and kind = $2',
      [cloudAccount, kind],
    )
    if (row === undefined) throw new PipiError('not-found', `there is no ${kind} watch of ${cloudAccount}`)
    const { done, result, error } = stateSchema.parse(row)
    if (error !== null && Date.parse(error.at) > since.getTime()) throw failureOf(error)
    if (done !== null && done > since && ready(result)) return result
    await pause(100)
  }
  throw new PipiError(
    'deadline.passed',
    `no clone has reported the ${kind} of ${cloudAccount} within ${patienceMs / 1000} s`,
    {
      hint: 'see ./pipi stock: a clone of its engine has to live; it is looked at as soon as one does',
    },
  )
}

export function failureOf(error: { code: string; message: string; hint?: string | undefined }): PipiError {
  const code = Object.hasOwn(ERRORS, error.code) ? (error.code as ErrorCode) : 'provider.failed'
  return new PipiError(code, error.message, error.hint === undefined ? {} : { hint: error.hint })
}

/**
 * Engines that have a watch to make although no deployment waits: the account was never checked, nor what another one
 * brought along, something of ours lives there, or somebody waits for it.
 */
export async function enginesToWatch(db: Database): Promise<Set<string>> {
  const rows = await db.query<{ engine: string }>(
    `select distinct c.engine from pipi.watches w join pipi.cloud_accounts c on c.id = w.cloud_account
     where w.due_at <= pipi.ledger_now() and (w.taken_until is null or w.taken_until <= clock_timestamp())
       and ((w.kind = 'check' and w.done_at is null) or w.asked
         or exists (select from pipi.holdings h where h.cloud_account = c.id and h.state <> 'released'))
     union select k.engine from pipi.claims k where k.own and k.due_at <= pipi.ledger_now() and (k.checked_at is null or k.asked)
       and (k.taken_until is null or k.taken_until <= clock_timestamp())`,
  )
  return new Set(rows.map((row) => row.engine))
}

/** Watches whose last looks have failed. */
export async function failingWatches(
  db: Database,
): Promise<{ cloudAccount: string; engine: string; kind: WatchKind; failures: number }[]> {
  return db.query(
    `select w.cloud_account as "cloudAccount", c.engine, w.kind, (w.error ->> 'failures')::int as failures
     from pipi.watches w join pipi.cloud_accounts c on c.id = w.cloud_account where w.error is not null order by 1, 3`,
  )
}
