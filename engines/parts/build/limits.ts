import { totalmem } from 'node:os'
import { z } from 'zod'

/** What one build may take of the machine. */
export const buildLimitsSchema = z.strictObject({
  /** Milliseconds for the whole build. */
  timeMs: z.int().positive(),
  /** Bytes of memory of all its processes together, as they are counted four times a second. */
  memoryBytes: z.int().positive(),
  /** Bytes that the work folder may grow to while a command runs, dependencies included. */
  workBytes: z.int().positive(),
  /** Files and folders in it. */
  workEntries: z.int().positive(),
  /** Bytes of the result. */
  outputBytes: z.int().positive(),
  /** Files of the result. */
  outputFiles: z.int().positive(),
  /** Processes alive at once. */
  processes: z.int().positive(),
  /** Bytes that it may write to its log. */
  logBytes: z.int().positive(),
})
export type BuildLimits = z.infer<typeof buildLimitsSchema>

const GIB = 1024 ** 3

const BUILD_LIMITS: BuildLimits = {
  timeMs: 10 * 60_000,
  memoryBytes: 3 * GIB,
  workBytes: 2 * GIB,
  workEntries: 300_000,
  outputBytes: 200 * 1024 ** 2,
  outputFiles: 20_000,
  processes: 256,
  logBytes: 20 * 1024 ** 2,
}

/** The usual limits with others in their place; never more than three quarters of this machine's memory. */
export function buildLimits(others: Partial<BuildLimits> = {}): BuildLimits {
  const limits = { ...BUILD_LIMITS, ...others }
  return { ...limits, memoryBytes: Math.min(limits.memoryBytes, Math.floor(totalmem() * 0.75)) }
}
