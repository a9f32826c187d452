/** What the guard is about to let a provider do, written before it is done. */
export interface Intent {
  urn: string
  type: string
  operation: 'create' | 'update' | 'delete' | 'import'
  /** Cloud id, where the operation is on something that exists. */
  id?: string
  /** What `find` needs to look the resource up after a crash (never a secret). */
  lookup?: Record<string, unknown>
  /** Id under which it is to be written: the one that the tag carries. Made by the log when absent. */
  intent?: string
  /** Milliseconds after which the provider itself has given up: before that, "absent" proves nothing. */
  deadlineMs: number
}

export interface OpenIntent extends Intent {
  intent: string
  token: number
  /** Whether the deadline has passed, by the database's clock. */
  due: boolean
  /** Milliseconds until the deadline by the database's clock; 0 or less when due. */
  dueInMs: number
}

export type Outcome =
  | { kind: 'done'; id: string }
  | { kind: 'failed'; message: string; id?: string }
  /** Asked the platform after a crash: it is there under this id, and has been adopted. */
  | { kind: 'adopted'; id: string }
  /** Asked the platform after a crash, past the deadline: it is not there. */
  | { kind: 'absent' }

/**
 * Where intents and outcomes are written. Declared here, implemented by the platform. Every call carries the fencing
 * token of the lease it was made for; a stale one is answered by `lease.lost`, and nothing is written.
 */
export interface IntentLog {
  /** Returns the intent's id. Refuses with `lease.lost` when the token is stale. One round trip. */
  begin(intent: Intent): Promise<string>
  end(intent: string, outcome: Outcome): Promise<void>
  open(): Promise<OpenIntent[]>
  /** The last create of each of these URNs is open again: Pulumi's state never heard of its outcome. */
  reopen(urns: string[]): Promise<void>
}
