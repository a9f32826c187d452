/** What one build may take of the machine. */
export interface BuildLimits {
  /** Milliseconds for one command. */
  timeMs: number
  /** Bytes that the work folder may grow to while a command runs, dependencies included. */
  workBytes: number
  /** Bytes of the result. */
  outputBytes: number
  /** Files of the result. */
  outputFiles: number
  /** Processes alive at once. */
  processes: number
}

export const BUILD_LIMITS: BuildLimits = {
  timeMs: 10 * 60_000,
  workBytes: 2 * 1024 ** 3,
  outputBytes: 200 * 1024 ** 2,
  outputFiles: 20_000,
  processes: 256,
}
