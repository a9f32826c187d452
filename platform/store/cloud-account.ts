import { PipiError } from '../../catalog/errors.ts'
import type { CloudAccount } from '../../engines/contract/engine.ts'
import type { Claim } from './claims.ts'
import type { Database, Queryable } from './open.ts'

/**
 * Lets an account of ours use a cloud account, whose id was asked from the platform. Plan and consent are the owner's
 * newest words; several accounts may share one, and one ledger. Throws `conflict.state` for an id of another engine.
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
    await linkCloudAccount(tx, account, cloud.id)
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

/** Lets an account of ours use one that is known, on the terms that it has. */
export async function linkCloudAccount(on: Queryable, account: string, cloudAccount: string): Promise<void> {
  await on.query('insert into pipi.account_clouds (account, cloud_account) values ($1, $2) on conflict do nothing', [
    account,
    cloudAccount,
  ])
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
