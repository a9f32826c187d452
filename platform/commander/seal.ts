import { PipiError } from '../../catalog/errors.ts'
import type { DeploymentKind, Refusal } from '../../factory/contract/truth.ts'
import type { Log } from '../log.ts'
import { finish } from '../store/finish.ts'
import type { Candidate } from '../store/next-to-assign.ts'
import type { Database } from '../store/open.ts'

/** What a deployment takes along to its engine, or why it has to wait, or why nobody lets it in. */
export type Seal = (deployment: {
  id: string
  account: string
  engine: string
  cloudAccount: string
  workspace: string
  kind: DeploymentKind
}) => Promise<Sealed | { wait: string } | { refusal: Refusal }>

/** For the deployment's engine alone. */
export interface Sealed {
  secrets?: Uint8Array | undefined
  credentials?: Uint8Array | undefined
}

/** One whose credentials cannot be read waits, and keeps nobody else from being assigned. */
export async function sealOne(seal: Seal, candidate: Candidate, log: Log): ReturnType<Seal> {
  try {
    return await seal(candidate)
  } catch (error) {
    const { message } = PipiError.from(error)
    log('error', `what ${candidate.id} takes along cannot be read: ${message}`, { deployment: candidate.id })
    return { wait: 'the platform to read its credentials: see its log' }
  }
}

/**
 * Nobody lets it in. Before anything has started it is refused; what an engine had begun has failed in the middle: what
 * may exist of it stays held, and a later destroy or refresh looks it up.
 */
export async function endUnsealed(db: Database, { id, started }: Candidate, refusal: Refusal): Promise<void> {
  if (!started) return void (await finish(db, id, 'refused', { refusal }))
  const { code, message, hint } = refusal
  await finish(db, id, 'failed', { error: { code, phase: 'accepted', message, hint } })
}
