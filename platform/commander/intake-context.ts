import type { Database } from '../store/open.ts'
import type { RoomOf } from './choose-engine.ts'
import type { EngineFacts } from './engine-facts.ts'
import type { IntakeRequestBody } from './intake-request.ts'

export interface IntakeRequest extends IntakeRequestBody {
  account: string
  /** The caller owns this host: folders of it may be named. */
  local: boolean
  /** Id of the caller's token. */
  by: string
  /** Idempotency key. */
  key?: string | undefined
}

export interface IntakeContext {
  db: Database
  engines: readonly EngineFacts[]
  /** The same as one account may use them; missing: all alike. */
  enginesFor?(account: string): Promise<readonly EngineFacts[]>
  /** Room in the ledger, for `auto`. */
  roomOf(account: string): Promise<RoomOf>
}
