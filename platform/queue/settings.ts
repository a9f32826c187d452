/**
 * How long a worker's lock on a job lasts and how often lost ones are looked for. The defaults of the queue take over
 * a killed worker's job after a minute; with these it is 10 to 15 seconds, in step with the lease.
 */
export const WORKER_SETTINGS = {
  lockDuration: 10_000,
  stalledInterval: 5_000,
  // A second stall would fail the job for good: attempts are counted in the truth, never here.
  maxStalledCount: 1_000_000,
  // The longest time without looking, seconds, should a notification be lost.
  drainDelay: 5,
  runRetryDelay: 1_000,
} as const

/** Finished jobs leave no trace here: the truth has them. */
export const JOB_SETTINGS = {
  removeOnComplete: true,
  removeOnFail: true,
  attempts: 3,
  backoff: { type: 'fixed', delay: 1_000 },
} as const

export const JOB_NAME = 'deployment'
