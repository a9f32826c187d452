import { ServiceIamMember } from '@pulumi/gcp/cloudrunv2/serviceIamMember.js'
import type { ProgramOutputs } from '../../contract/engine.ts'
import { type CodeContext, declareCode, type Size } from './declare-code.ts'

/** One function, open to everybody. */
export function declareFunction(context: CodeContext, size: Size): ProgramOutputs {
  const fn = declareCode(context, size)
  // The service behind a function carries the function's name.
  new ServiceIamMember(`${context.component.name}-public`, {
    location: context.region,
    name: fn.name,
    role: 'roles/run.invoker',
    member: 'allUsers',
  })
  return { url: fn.url, function: fn.id }
}
