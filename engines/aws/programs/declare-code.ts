import { join } from 'node:path'
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js'
import { Role } from '@pulumi/aws/iam/role.js'
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js'
import { Function as LambdaFunction } from '@pulumi/aws/lambda/function.js'
import { asset } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import type { Artifact, Built, ProgramContext } from '../../contract/engine.ts'
import { type FunctionComponent, packFunction } from '../../parts/zip/function-zip.ts'
import { LOGS_ONLY } from '../logs-only.ts'
import { letIn } from './let-in.ts'

const RUNTIME = 'nodejs22.x'

/** The zip of a function: the bootstrap beside what was built. */
export function packFor(built: Built, component: FunctionComponent, folder: string): Promise<Artifact> {
  return packFunction(built, component, folder, {
    bootstrap: join(import.meta.dirname, '..', 'bootstrap.mjs'),
    as: 'index.mjs',
  })
}

/** What the carriers of code have in common, whatever their kind. */
export type CodeContext = Omit<ProgramContext<'service'>, 'component'> & { component: { name: string } }

export interface Size {
  memoryMb: number
  timeoutS: number
  /** Copies that run at once, at most. */
  atOnce: number
}

/**
 * One function with a role of its own, which may write its own log and nothing else; whatever is written into that role,
 * its boundary lets no more through. What the component uses lets it in by itself.
 */
export function declareCode(context: CodeContext, size: Size): LambdaFunction {
  const { component, slug, artifact, uses, environment } = context
  if (artifact.travels !== 'file') {
    throw new PipiError(
      'platform.internal',
      `expected a zip for "${component.name}", got an artifact that travels as ${artifact.travels}`,
    )
  }
  const name = component.name
  const role = new Role(`${name}-role`, {
    name: slug,
    permissionsBoundary: LOGS_ONLY,
    assumeRolePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  })
  // Made before the function: a group that Lambda makes by itself keeps its lines for ever.
  const logs = new LogGroup(`${name}-logs`, { name: `/aws/lambda/${slug}`, retentionInDays: 7 })
  const policy = new RolePolicy(`${name}-may`, {
    name: 'own-log',
    role: role.name,
    policy: logs.arn.apply((arn) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${arn}:*` }],
      }),
    ),
  })
  const fn = new LambdaFunction(
    `${name}-function`,
    {
      name: slug,
      role: role.arn,
      runtime: RUNTIME,
      handler: 'index.handler',
      code: new asset.FileArchive(artifact.path),
      memorySize: size.memoryMb,
      timeout: size.timeoutS,
      architectures: ['arm64'],
      reservedConcurrentExecutions: size.atOnce,
      // An empty section would show as a change for ever.
      ...(Object.keys(environment).length === 0 ? {} : { environment: { variables: environment } }),
    },
    { dependsOn: [policy] },
  )
  // A function's session carries the name of the function.
  const session = role.arn.apply((arn) => `arn:aws:sts::${arn.split(':')[4]}:assumed-role/${slug}/${slug}`)
  for (const used of Object.values(uses)) letIn(used, session)
  return fn
}
