import type { Manifest } from '../../engines/contract/manifest.ts'
import type { DeploymentKind, OrderSource, Refusal, StoryLine } from '../../factory/contract/truth.ts'
import type { Deployment } from './deployment.ts'
import { readDeployment } from './get-deployment.ts'
import { newId } from './id.ts'
import { jsonb } from './jsonb.ts'
import type { Database } from './open.ts'
import { requestDigest } from './request-digest.ts'
import { tellStory } from './story.ts'

export interface AcceptRequest {
  account: string
  kind: DeploymentKind
  workspaceName: string
  /** Left out for `destroy`, `refresh` and `rollback`: what stands now. */
  manifest?: Manifest
  source?: OrderSource
  ref?: string
  commit?: string
  /** Code, region and cloud account: for `destroy`, `refresh` and `rollback` those of the workspace win. */
  engine: string
  region: string
  cloudAccount: string
  deleteData?: boolean
  /** A promised end, ISO 8601, by the ledger's clock. */
  endsAt?: string
  /** A refresh sets back what it finds. */
  repair?: boolean
  /** Id of the deployment that a rollback goes back to. */
  goesBackTo?: string
  /** How `engine: auto` chose. */
  choice?: { engine: string; name: string; could: boolean; reason: string }[]
  /** Idempotency key, unique per account. */
  key?: string
  /** Who asked, for the journal. */
  by?: string
  /** `requestDigest` of what the client sent: the same key must come with the same. Default: of all of the above. */
  asked?: string
  /** Already known to be impossible: the deployment ends `refused` in the same transaction. */
  refusal?: Refusal
}

/**
 * Writes a request into the truth: once this has resolved it is on disk, and will reach a final state.
 * Throws `conflict.key` (same key, other request), `conflict.state` (the workspace stands elsewhere), `not-found`
 * (nothing of that name to destroy), `not-allowed` (not this account's cloud account).
 */
export async function accept(
  db: Database,
  request: AcceptRequest,
): Promise<{ deployment: Deployment; created: boolean }> {
  const { account, kind, workspaceName, key, by, refusal, asked, ...body } = request
  const digest = asked ?? requestDigest({ account, kind, workspaceName, ...body })
  const record = {
    ...body,
    account,
    kind,
    key,
    by,
    digest,
    workspace: workspaceName,
    id: newId('d'),
    workspaceId: newId('w'),
    refused: refusal !== undefined,
  }
  return db.transaction(async (tx) => {
    const [accepted] = await tx.query<{ id: string; created: boolean }>('select id, created from pipi.accept($1)', [
      JSON.stringify(record),
    ])
    if (!accepted) throw new Error('pipi.accept gave no row')
    if (refusal && accepted.created)
      await tx.query('select pipi.finish($1, $2, $3)', [accepted.id, 'refused', jsonb({ refusal })])
    if (request.choice && accepted.created) await tellStory(tx, account, accepted.id, request.choice.map(choiceLine))
    return { deployment: await readDeployment(tx, account, accepted.id), created: accepted.created }
  })
}

/** Why an engine was chosen, or was not: the first is the one. */
function choiceLine({ engine, could, reason }: NonNullable<AcceptRequest['choice']>[number], index: number): StoryLine {
  const verdict = index === 0 ? 'is chosen' : could ? 'could as well' : 'could not'
  return { phase: 'accepted', level: 'info', text: `${engine} ${verdict}: ${reason}` }
}
