import type { Ended } from '../light/carry-out.ts'

/** What was done, for the report. */
export interface Counts {
  asked: number
  lived: number
  changed: number
  replaced: number
  destroyed: number
  expired: number
  suspended: number
  resumed: number
  deployments: number
  refusals: Map<string, number>
  failures: string[]
}

export function noCounts(): Counts {
  return {
    asked: 0,
    lived: 0,
    changed: 0,
    replaced: 0,
    destroyed: 0,
    expired: 0,
    suspended: 0,
    resumed: 0,
    deployments: 0,
    refusals: new Map(),
    failures: [],
  }
}

/** What did not succeed: refusals by code and meter, failures in words. */
export function note(counts: Counts, { order, status, refusal, error }: Ended): void {
  if (refusal === undefined) {
    counts.failures.push(`${order.kind} of ${order.workspace.name} ${status}: ${error?.message ?? '?'}`)
    return
  }
  const { code, meter } = refusal
  const key = meter === undefined ? code : `${code} ${meter}`
  counts.refusals.set(key, (counts.refusals.get(key) ?? 0) + 1)
}
