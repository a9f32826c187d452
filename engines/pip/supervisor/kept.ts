import type { Wanted } from './run.ts'
import type { ProcessStatus } from './spec.ts'

/** Something that the supervisor keeps running under a name: a process behind a port, or a job. */
export interface Kept {
  /** 0: it has none. */
  readonly port: number
  /** `decide` makes the new version the wanted one for good. When either throws, everything is as it was. */
  replace(wanted: Wanted, decide: () => Promise<void>): Promise<void>
  /** `decide` makes it stand still for good; then what runs ends. */
  rest(decide: () => Promise<void>): Promise<void>
  status(): Promise<Omit<ProcessStatus, 'spec'>>
  /** Ends it. `forget`: its log goes too. */
  close(forget: boolean): Promise<void>
}
