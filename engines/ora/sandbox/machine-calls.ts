/** How the sandbox's schedules tell a machine that a job's time has come: no server takes such a method from outside. */
export const RUN_JOB = 'RUN-JOB'
/** Who asks, for the part of the platform that answers a machine by where it stands. */
export const TENANCY_HEADER = 'x-sandbox-tenancy'
export const INSTANCE_HEADER = 'x-sandbox-instance'
