import { PipiError } from '../../catalog/errors.ts'
import type { Database } from './open.ts'
import { type Proposal, readProposal } from './proposal.ts'

/** Takes an open proposal back: it cannot be confirmed any more. Twice is once. Throws `not-found`, `conflict.state` when it was confirmed. */
export async function withdrawProposal(db: Database, account: string, id: string, by: string): Promise<Proposal> {
  return db.transaction(async (tx) => {
    await tx.query('select from pipi.proposals where account = $1 and id = $2 for no key update', [account, id])
    const before = await readProposal(tx, account, id)
    if (!before) throw new PipiError('not-found', `there is no proposal ${id}`, { hint: 'see ./pipi account ls' })
    if (before.state === 'withdrawn') return before
    if (before.state === 'confirmed') {
      throw new PipiError('conflict.state', `proposal ${id} was confirmed at ${before.confirmedAt}`, {
        hint: 'what it opened is closed by a wish of its own: a lower budget, credit withdraw, watched off',
      })
    }
    await tx.query('update pipi.proposals set withdrawn_at = clock_timestamp() where id = $1', [id])
    await tx.query('select pipi.write_journal($1, null, null, $2, $3, $4)', [
      account,
      by,
      'proposal.withdrawn',
      JSON.stringify({ proposal: id, cloudAccount: before.cloudAccount, what: before.what }),
    ])
    return (await readProposal(tx, account, id)) as Proposal
  })
}
