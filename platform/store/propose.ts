import { newId } from './id.ts'
import type { Queryable } from './open.ts'
import { type Proposal, readProposal, type Wish } from './proposal.ts'

/** How long a proposal can be confirmed, milliseconds. */
export const CONFIRM_WITHIN_MS = 10 * 60_000

/**
 * The first of two steps: writes down what an owner wants, with its journal record. It changes nothing else. The same
 * wish while it is open is the same proposal. Inside the caller's transaction, which has locked the cloud account.
 */
export async function propose(
  tx: Queryable,
  asked: { account: string; cloudAccount: string; wish: Wish; by: string },
): Promise<Proposal> {
  const { account, cloudAccount, wish, by } = asked
  const value = JSON.stringify(wish.value)
  const [same] = await tx.query<{ id: string }>(
    `select id from pipi.proposals where account = $1 and cloud_account = $2 and what = $3 and value = $4::jsonb
       and confirmed_at is null and withdrawn_at is null and confirm_before > clock_timestamp()`,
    [account, cloudAccount, wish.what, value],
  )
  const id = same?.id ?? newId('p')
  if (!same) {
    await tx.query(
      `insert into pipi.proposals (id, account, cloud_account, what, value, proposed_by, proposed_at, confirm_before)
       values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp() + $7 * interval '1 ms')`,
      [id, account, cloudAccount, wish.what, value, by, CONFIRM_WITHIN_MS],
    )
    await tx.query('select pipi.write_journal($1, null, null, $2, $3, $4)', [
      account,
      by,
      'proposal.made',
      JSON.stringify({ proposal: id, cloudAccount, ...wish }),
    ])
  }
  const proposal = await readProposal(tx, account, id)
  if (!proposal) throw new Error('a proposal vanished between two statements')
  return proposal
}
