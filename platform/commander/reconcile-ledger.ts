import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { PipiError } from '../../catalog/errors.ts'
import { cloudAccountsOf, openAmong } from '../store/survey.ts'
import { requestWatch, waitForWatch } from '../store/watches.ts'
import type { Beside, Difference } from './compare-survey.ts'
import { type SurveySettler, settleSurvey } from './settle-survey.ts'

export interface Reconciled {
  /** Of the cloud account. */
  id: string
  engine: string
  /** ISO 8601. */
  at: string
  /** What ledger and platform said differently, each with what was done about it. */
  differences: Difference[]
  /** All that exists there beside ours, counted already or new. */
  beside: Beside[]
  /** Why its platform could not be asked; then only what the stacks' own states say was compared. */
  failed?: { code: string; message: string; hint?: string }
}

const comparedSchema = z.object({
  differences: z.array(z.custom<Difference>()),
  beside: z.array(z.custom<Beside>()),
  refreshes: z.array(z.string()),
})

/** How long deployments that look up what is not certain are waited for, milliseconds. */
const REFRESHES_MS = 120_000

/**
 * Recomputes every holding of an account's cloud accounts from what the stacks' states and the platforms' inventories
 * really hold, now. Asks the platforms anew; resolves when the ledger is corrected and what was not certain was looked
 * up. A second run finds nothing that differs any more.
 */
export async function reconcileLedger(
  settler: SurveySettler,
  account: string,
  engine?: string,
): Promise<{ cloudAccounts: Reconciled[] }> {
  const cloudAccounts = await cloudAccountsOf(settler.db, account, engine)
  return { cloudAccounts: await Promise.all(cloudAccounts.map((one) => reconcileOne(settler, one))) }
}

async function reconcileOne(
  settler: SurveySettler,
  { id, engine, plan }: { id: string; engine: string; plan: string },
): Promise<Reconciled> {
  const { db } = settler
  const [survey, usage] = await Promise.all([requestWatch(db, id, 'survey'), requestWatch(db, id, 'usage')])
  const asked = await Promise.allSettled([
    survey && waitForWatch(db, id, 'survey', survey, { ready: (result) => comparedSchema.safeParse(result).success }),
    usage && waitForWatch(db, id, 'usage', usage),
  ])
  const [surveyed] = asked
  const failure = asked.find((one) => one.status === 'rejected')
  const compared =
    surveyed.status === 'fulfilled' && survey !== undefined
      ? comparedSchema.parse(surveyed.value)
      : await db.transaction((tx) =>
          settleSurvey(settler, tx, {
            cloudAccount: id,
            engine,
            plan,
            looked: false,
            began: new Date(),
            types: [],
            found: [],
            before: [],
          }),
        )
  await refreshed(settler, compared.refreshes)
  const failed = failure === undefined ? undefined : PipiError.from(failure.reason)
  return {
    id,
    engine,
    at: new Date().toISOString(),
    differences: compared.differences,
    beside: compared.beside,
    ...(failed === undefined
      ? {}
      : {
          failed: {
            code: failed.code,
            message: failed.message,
            ...(failed.hint === undefined ? {} : { hint: failed.hint }),
          },
        }),
  }
}

async function refreshed({ db }: SurveySettler, deployments: readonly string[]): Promise<void> {
  const end = performance.now() + REFRESHES_MS
  while (deployments.length > 0 && (await openAmong(db, deployments)) > 0 && performance.now() < end) await pause(200)
}
