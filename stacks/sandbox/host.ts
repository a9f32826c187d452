import type { Clock } from './clock.ts'
import type { Faults } from './faults.ts'
import type { Bytes } from './inventory/bytes.ts'
import type { Calls } from './inventory/calls.ts'
import type { RecordsTable } from './inventory/records.ts'
import type { Resources } from './inventory/resources.ts'
import type { StoredBytes } from './inventory/stored.ts'
import type { Usage } from './inventory/usage.ts'
import type { LateCreates } from './late.ts'
import type { Servings } from './serving/servings.ts'
import type { Staleness } from './staleness.ts'

/** What every simulated cloud of this process stands on. */
export interface Host {
  seed: string
  clock: Clock
  bytes: Bytes
  calls: Calls
  faults: Faults
  resources: Resources
  records: RecordsTable
  stored: StoredBytes
  usage: Usage
  servings: Servings
  late: LateCreates
  staleness: Staleness
  /** Aborted when the sandbox stops. */
  gone: AbortSignal
}
