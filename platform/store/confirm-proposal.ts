import { PipiError } from '../../catalog/errors.ts'
import { applyWish, type MetersOfPlan } from './apply-wish.ts'
import { requireTerms } from './cloud-account.ts'
import type { Queryable } from './open.ts'
import { type Proposal, readProposal } from './proposal.ts'

/**
 * The second step: what was proposed holds from now on, with who proposed and who confirmed it in the journal, in the
 * caller's transaction. Confirmed twice is confirmed once. Throws `not-found` (also for another account's),
 * `not-allowed` (it uses the cloud account, and no more), `conflict.state` (withdrawn, or past its time).
 */
export async function confirmProposal(
  tx: Queryable,
  asked: { account: string; id: string; by: string },
  metersOf: MetersOfPlan,
): Promise<Proposal> {
  const { account, id, by } = asked
  await tx.query('select from pipi.proposals where account = $1 and id = $2 for no key update', [account, id])
  const proposal = await readProposal(tx, account, id)
  if (!proposal) throw new PipiError('not-found', `there is no proposal ${id}`, { hint: 'see ./pipi account ls' })
  if (proposal.state === 'confirmed') return proposal
  await requireTerms(tx, account, proposal.cloudAccount)
  if (proposal.state !== 'open') {
    const why = proposal.state === 'withdrawn' ? 'was withdrawn' : `could be confirmed until ${proposal.confirmBefore}`
    throw new PipiError('conflict.state', `proposal ${id} ${why}`, { hint: 'propose it again' })
  }
  await tx.query('update pipi.proposals set confirmed_by = $2, confirmed_at = clock_timestamp() where id = $1', [
    id,
    by,
  ])
  await applyWish(tx, proposal, by, metersOf)
  const { cloudAccount, what, value, proposedBy } = proposal
  await tx.query('select pipi.write_journal($1, null, null, $2, $3, $4)', [
    account,
    by,
    'proposal.confirmed',
    JSON.stringify({ proposal: id, cloudAccount, what, value, proposedBy, confirmedBy: by }),
  ])
  return (await readProposal(tx, account, id)) as Proposal
}
