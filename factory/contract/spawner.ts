/** Where clones come to life: a child process on this machine, or a pod elsewhere. */
export interface Spawner {
  /** Starts one clone of an engine. Resolves when its process runs; whether it is ready for work its heartbeats say. */
  spawn(engine: string, clone: string): Promise<RunningClone>
}

export interface RunningClone {
  readonly clone: string
  readonly engine: string
  readonly pid: number
  /** Takes no new work and ends by itself when what runs has ended. Never interrupts. */
  drain(): void
  /** Asks it to end, and after `graceMs` makes it end with everything it started. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>
  ended: Promise<CloneEnd>
}

export interface CloneEnd {
  code: number | null
  signal: string | null
  /** Whether it was asked to end. */
  expected: boolean
  /** The last lines it wrote on standard error. */
  lastWords: string[]
}
