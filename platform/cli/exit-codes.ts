import type { Status } from '../../factory/contract/status.ts'

/** Exit code of Ctrl-C while waiting: the work goes on. */
export const DETACHED = 130

/** What a script sees of how a deployment ended: the lock's no is told apart from a failure. */
export function exitCodeOf(status: Status): number {
  if (status === 'succeeded') return 0
  return status === 'refused' ? 3 : 1
}
