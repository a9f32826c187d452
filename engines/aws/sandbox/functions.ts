import type { Json, KeptAsset, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { writeZip } from '../../../stacks/sandbox/zip/write.ts'
import { named, oneOf, range, text } from './inputs.ts'
import { keysOf } from './sessions.ts'

export const FUNCTION = 'aws:lambda/function:Function'
const RUNTIMES = [
  'nodejs20.x',
  'nodejs22.x',
  'nodejs24.x',
  'python3.12',
  'python3.13',
  'java21',
  'java25',
  'dotnet8',
  'ruby3.4',
  'provided.al2023',
]
const RESERVED = /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_.*|LAMBDA_.*|TZ)$/
/** Of an account's thousand, a hundred stay unreserved. */
const RESERVABLE = 900

/** Lambda itself. */
export const functions: Record<string, SimulatedResource> = {
  [FUNCTION]: {
    replaceOn: ['name', 'packageType'],
    deleteBeforeReplace: true,
    tagProperty: 'tags',
    asByHand: byHand,
    unique: named(
      'name',
      (name) => `creating Lambda Function (${name}): ResourceConflictException: Function already exist: ${name}`,
    ),
    async check(inputs) {
      const failures = [
        ...range(inputs, 'memorySize', 'memory_size', 128, 10_240),
        ...range(inputs, 'timeout', 'timeout', 1, 900),
        ...oneOf(inputs, 'runtime', RUNTIMES),
      ]
      if (inputs.handler === undefined)
        failures.push({ property: 'handler', reason: 'handler and runtime must be set when PackageType is Zip' })
      return {
        inputs: {
          memorySize: 128,
          timeout: 3,
          packageType: 'Zip',
          publish: false,
          reservedConcurrentExecutions: -1,
          skipDestroy: false,
          ...inputs,
        },
        failures,
      }
    },
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `lambda-${world.hex(7)}`
      await refuse(name, inputs, world)
      return { id: name, ...(await describe(name, inputs, world)) }
    },
    async update(id, inputs, _old, world) {
      await refuse(id, inputs, world)
      return describe(id, inputs, world)
    },
  },
}

/** The console makes a role, and code that says hello; nothing is reserved. */
async function byHand(inputs: Json, world: World): Promise<Json> {
  const code = Buffer.from("export const handler = async () => ({ statusCode: 200, body: 'Hello from Lambda!' })\n")
  const zip = await writeZip([{ path: 'index.mjs', bytes: code }])
  const roles = await world.list('aws:iam/role:Role')
  return {
    name: `byHand-${world.hex(6)}`,
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    role: roles[0]?.outputs.arn ?? `arn:aws:iam::${world.cloudAccount}:role/service-role/console`,
    code: { kept: await world.keep(zip), size: zip.byteLength },
    ...inputs,
  }
}

/** What Lambda itself refuses when it gets the request. */
async function refuse(name: string, inputs: Json, world: World): Promise<void> {
  const at = `creating Lambda Function (${name}): InvalidParameterValueException`
  const role = text(inputs, 'role')
  const roles = await world.list('aws:iam/role:Role')
  if (!roles.some((one) => one.outputs.arn === role) && !role?.includes(':role/service-role/'))
    throw new Error(`${at}: The role defined for the function cannot be assumed by Lambda.`)
  if (codeOf(inputs) === undefined) throw new Error('one of `filename`, `image_uri` or `s3_bucket` must be specified')
  const reserved = Object.keys(variablesOf(inputs)).filter((key) => RESERVED.test(key))
  if (reserved.length > 0) {
    throw new Error(
      `${at}: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    )
  }
  const others = (await world.list(FUNCTION))
    .filter((one) => one.id !== name)
    .reduce((sum, one) => sum + Math.max(0, Number(one.inputs.reservedConcurrentExecutions ?? 0)), 0)
  if (others + Number(inputs.reservedConcurrentExecutions ?? 0) > RESERVABLE) {
    throw new Error(
      `${at}: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].`,
    )
  }
}

async function describe(name: string, inputs: Json, world: World): Promise<{ outputs: Json; serve: Serving }> {
  const code = codeOf(inputs)
  if (code === undefined) throw new Error('one of `filename`, `image_uri` or `s3_bucket` must be specified')
  const arn = `arn:aws:lambda:${world.region}:${world.cloudAccount}:function:${name}`
  const concurrency = Number(inputs.reservedConcurrentExecutions ?? -1)
  return {
    outputs: {
      ...inputs,
      name,
      arn,
      qualifiedArn: `${arn}:$LATEST`,
      invokeArn: `arn:aws:apigateway:${world.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
      codeSha256: Buffer.from(code.kept, 'hex').toString('base64'),
      sourceCodeSize: code.size,
      lastModified: new Date(world.now()).toISOString(),
      version: '$LATEST',
      tagsAll: inputs.tags ?? {},
    },
    serve: {
      kind: 'handler',
      zip: code.kept,
      adapter: new URL('./lambda-runtime.ts', import.meta.url).href,
      options: {
        handler: text(inputs, 'handler') ?? 'index.handler',
        region: world.region,
        account: world.cloudAccount,
      },
      environment: {
        ...variablesOf(inputs),
        ...keysOf({ account: world.cloudAccount, role: roleIn(inputs), name }),
        AWS_REGION: world.region,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(inputs.memorySize ?? 128),
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        LAMBDA_TASK_ROOT: '/var/task',
        TZ: ':UTC',
      },
      ...(concurrency > 0 ? { concurrency } : {}),
      // Reserved to none, a function is throttled whole: nothing runs, and nothing is charged.
      ...(concurrency === 0 ? { shut: { status: 429, text: 'Rate Exceeded.' } } : {}),
      timeoutMs: Number(inputs.timeout ?? 3) * 1000,
    },
  }
}

function roleIn(inputs: Json): string {
  return text(inputs, 'role')?.split('/').at(-1) ?? ''
}

function codeOf(inputs: Json): KeptAsset | undefined {
  const code = inputs.code
  return typeof code === 'object' && code !== null && 'kept' in code ? (code as KeptAsset) : undefined
}

function variablesOf(inputs: Json): Record<string, string> {
  const environment = inputs.environment as { variables?: Record<string, string> } | undefined
  return environment?.variables ?? {}
}
