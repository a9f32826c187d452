import { join } from 'node:path'
import { LogGroup } from '@pulumi/aws/cloudwatch/logGroup.js'
import { Role } from '@pulumi/aws/iam/role.js'
import { RolePolicyAttachment } from '@pulumi/aws/iam/rolePolicyAttachment.js'
import { Function as LambdaFunction } from '@pulumi/aws/lambda/function.js'
import { FunctionUrl } from '@pulumi/aws/lambda/functionUrl.js'
import { Permission } from '@pulumi/aws/lambda/permission.js'
import { asset } from '@pulumi/pulumi'
import { PipiError } from '../../../catalog/errors.ts'
import type { Artifact, Built, ProgramContext, ProgramOutputs } from '../../contract/engine.ts'
import type { ComponentOf } from '../../contract/manifest.ts'
import { packFunction } from '../../parts/zip/function-zip.ts'

const RUNTIME = 'nodejs22.x'
/** A browser asks for some files at once; with 1 most of a page would be answered 429. */
const AT_ONCE = 5
const EXECUTION_POLICY = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'

/** The zip of a function: the bootstrap beside what was built. */
export function packFor(built: Built, component: ComponentOf<'site' | 'service'>, folder: string): Promise<Artifact> {
  return packFunction(built, component, folder, {
    bootstrap: join(import.meta.dirname, '..', 'bootstrap.mjs'),
    as: 'index.mjs',
  })
}

/** One function with a URL of its own, open to everybody, throttled to a few requests at once. */
export function declareFunction(
  context: Omit<ProgramContext<'service'>, 'component'> & { component: { name: string } },
  size: { memoryMb: number; timeoutS: number },
): ProgramOutputs {
  const { component, slug, artifact } = context
  if (artifact.travels !== 'file') {
    throw new PipiError(
      'platform.internal',
      `expected a zip for "${component.name}", got an artifact that travels as ${artifact.travels}`,
    )
  }
  const name = component.name
  const role = new Role(`${name}-role`, {
    name: slug,
    assumeRolePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  })
  const policy = new RolePolicyAttachment(`${name}-logs-policy`, { role: role.name, policyArn: EXECUTION_POLICY })
  // Made before the function: a group that Lambda makes by itself keeps its lines for ever.
  const logs = new LogGroup(`${name}-logs`, { name: `/aws/lambda/${slug}`, retentionInDays: 7 })
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
      reservedConcurrentExecutions: AT_ONCE,
      // An empty section would show as a change for ever.
      ...(Object.keys(context.environment).length === 0 ? {} : { environment: { variables: context.environment } }),
    },
    { dependsOn: [policy, logs] },
  )
  const url = new FunctionUrl(`${name}-url`, { functionName: fn.name, authorizationType: 'NONE' })
  // A public URL needs both permissions since October 2025.
  new Permission(`${name}-public-url`, {
    statementId: `${slug}-url`,
    function: fn.name,
    action: 'lambda:InvokeFunctionUrl',
    principal: '*',
    functionUrlAuthType: 'NONE',
  })
  new Permission(`${name}-public-invoke`, {
    statementId: `${slug}-invoke`,
    function: fn.name,
    action: 'lambda:InvokeFunction',
    principal: '*',
    invokedViaFunctionUrl: true,
  })
  return { url: url.functionUrl, function: fn.arn }
}
