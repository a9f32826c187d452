import { PipiError } from '../../catalog/errors.ts'
import type { CloudAccount } from '../../engines/contract/engine.ts'
import type { Claim } from './claims.ts'
import type { Database, Queryable } from './open.ts'

/**
 * Lets an account of ours use a cloud account, whose id was asked from the platform. Plan and consent are the owner's
 * newest words, who may change all of its terms; several accounts may share one, and one ledger. Throws
 * `conflict.state` for an id of another engine.
 */
export async function openCloudAccount(db: Database, account: string, cloud: CloudAccount): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.query<{ engine: string }>(
      `insert into pipi.cloud_accounts as c (id, engine, plan, consent_watched) values ($1, $2, $3, $4)
       on conflict (id) do update set plan = case when c.engine = excluded.engine then excluded.plan else c.plan end,
         consent_watched = case when c.engine = excluded.engine then excluded.consent_watched else c.consent_watched end
       returning engine`,
      [cloud.id, cloud.engine, cloud.plan, cloud.consentWatched],
    )
    if (row?.engine !== cloud.engine) {
      throw new PipiError(
        'conflict.state',
        `cloud account "${cloud.id}" is known at ${row?.engine}, not at ${cloud.engine}`,
        {
          hint: 'a cloud account has the id its platform gave it: check which one was meant',
        },
      )
    }
    await tx.query(
      `insert into pipi.account_clouds (account, cloud_account, terms) values ($1, $2, true)
       on conflict (account, cloud_account) do update set terms = true`,
      [account, cloud.id],
    )
  })
}

/** Engine and plan of a cloud account that is known here. */
export async function cloudAccountTerms(
  on: Queryable,
  id: string,
): Promise<{ engine: string; plan: string } | undefined> {
  const [row] = await on.query<{ engine: string; plan: string }>(
    'select engine, plan from pipi.cloud_accounts where id = $1',
    [id],
  )
  return row
}

/** Lets an account of ours use one that is known, on the terms that it has: it changes none of them. */
export async function linkCloudAccount(on: Queryable, account: string, cloudAccount: string): Promise<void> {
  await on.query(
    'insert into pipi.account_clouds (account, cloud_account, terms) values ($1, $2, false) on conflict do nothing',
    [account, cloudAccount],
  )
}

/**
 * Whoever only uses a cloud account changes nothing that holds for all who do: terms, money, switch, walls. Throws
 * `not-allowed`.
 */
export async function requireTerms(on: Queryable, account: string, cloudAccount: string): Promise<void> {
  const [may] = await on.query('select from pipi.account_clouds where account = $1 and cloud_account = $2 and terms', [
    account,
    cloudAccount,
  ])
  if (may !== undefined) return
  throw new PipiError('not-allowed', `this account uses ${cloudAccount}, and changes nothing of it`, {
    hint: 'terms, money, kill switch and walls are the say of the account that opened it here: ask its owner',
  })
}

/** What the platform said of the credentials that opened it is what it says of the account itself. */
export async function markArmed(
  on: Queryable,
  id: string,
  claim: Pick<Claim, 'findings' | 'checkedAt'>,
): Promise<void> {
  await on.query(
    'update pipi.cloud_accounts set armed = true, findings = $2, checked_at = $3 where id = $1 and armed is null',
    [id, JSON.stringify(claim.findings), claim.checkedAt ?? null],
  )
}
