import { ServiceIamMember } from '@pulumi/gcp/cloudrunv2/serviceIamMember.js'
import { Job } from '@pulumi/gcp/cloudscheduler/job.js'
import { output } from '@pulumi/pulumi'
import type { ProgramModule } from '../../contract/engine.ts'
import { declareCode, packFor } from './declare-code.ts'
import { declareIdentity } from './identity.ts'

/** A function that Cloud Scheduler calls at its times, and nobody else may: the caller has an identity of its own. */
export default {
  kind: 'job',
  pack: packFor,
  declare(context) {
    const { component, slug, region } = context
    const { name, schedule, timeoutS } = component
    const fn = declareCode(context, component)
    const caller = declareIdentity(`${name}-caller`, `c-${slug}`, `calls ${name} of a workspace`)
    const permission = new ServiceIamMember(`${name}-called`, {
      location: region,
      name: fn.name,
      role: 'roles/run.invoker',
      member: caller.member,
    })
    const job = new Job(
      `${name}-times`,
      {
        name: slug,
        region,
        schedule,
        timeZone: 'Etc/UTC',
        // Cloud Scheduler waits 15 s at least.
        attemptDeadline: `${Math.max(15, timeoutS)}s`,
        // A failed run is not repeated: the next one comes by itself, and what is expected stays what the schedule says.
        retryConfig: { retryCount: 0 },
        httpTarget: {
          uri: fn.url,
          httpMethod: 'POST',
          oidcToken: { serviceAccountEmail: caller.email, audience: fn.url },
        },
      },
      { dependsOn: [permission] },
    )
    return { url: output<string | undefined>(undefined), function: fn.id, schedule: job.schedule }
  },
} satisfies ProgramModule<'job'>
