import type { DeploymentKind } from '../../factory/contract/truth.ts'
import type { Database } from './open.ts'

export interface Candidate {
  id: string
  account: string
  workspace: string
  workspaceName: string
  engine: string
  kind: DeploymentKind
  region: string
  cloudAccount: string
  attempt: number
  acceptedAt: Date
  /** A suspend waits in its workspace. */
  urgent: boolean
  /** An engine had begun it before: something of it may exist. */
  started: boolean
}

/** What may be assigned now, in fair order: the first open deployment of each workspace, accounts taking turns. */
export async function nextToAssign(db: Database, most = 100): Promise<Candidate[]> {
  return db.query<Candidate>(
    `select id, account, workspace, workspace_name as "workspaceName", engine, kind, region, cloud_account as "cloudAccount", attempt, accepted_at as "acceptedAt", urgent, started
     from pipi.next_to_assign($1)`,
    [most],
  )
}
