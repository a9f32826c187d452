/** What every drill leaves. Counts of what must not be are 0 in one that passed. */
export interface DrillResult {
  name: string
  /** Faults that were put in: engines killed, surges, visitors who take all they can. */
  injected: number
  lost: number
  doubled: number
  orphans: number
  leaked: number
  /** USD, the most that the witness showed at any time. */
  bill?: number
  /** Of what the best possible packing would have granted. */
  utilisation?: number
  /** From a fault to the end of what it hit, milliseconds. */
  recovery: { median: number; worst: number }
  passed: boolean
  [more: string]: unknown
}

export interface DrillOptions {
  seed: string
  lives: number
  real: number
  days: number
  rounds: number
  /** A line about the way there. */
  log(line: string): void
  signal: AbortSignal
}

/** `platform/drill/<name>.ts`, default export. */
export type Drill = (options: DrillOptions) => Promise<DrillResult>

/** The middle one and the largest; 0 of none. */
export function spreadOf(times: readonly number[]): DrillResult['recovery'] {
  const sorted = [...times].sort((a, b) => a - b)
  const round = (ms: number | undefined) => Math.round(ms ?? 0)
  return { median: round(sorted[Math.floor((sorted.length - 1) / 2)]), worst: round(sorted.at(-1)) }
}
