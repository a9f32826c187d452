import type {
  Json,
  KeptAsset,
  Serving,
  SimulatedResource,
  StoredResource,
  World,
} from '../../../stacks/contract/sandbox.ts'

const FUNCTION = 'aws:lambda/function:Function'
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
const RETENTIONS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
const RESERVED = /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_.*|LAMBDA_.*|TZ)$/
/** Of an account's thousand, a hundred stay unreserved. */
const RESERVABLE = 900

/** Lambda, its URLs and permissions, and the log groups beside it. */
export const functions: Record<string, SimulatedResource> = {
  [FUNCTION]: {
    replaceOn: ['name', 'packageType'],
    deleteBeforeReplace: true,
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
  'aws:lambda/functionUrl:FunctionUrl': {
    replaceOn: ['functionName', 'qualifier'],
    deleteBeforeReplace: true,
    check: async (inputs) => ({
      inputs: { invokeMode: 'BUFFERED', ...inputs },
      failures: oneOf(inputs, 'authorizationType', ['NONE', 'AWS_IAM']),
    }),
    async create(inputs, world) {
      const fn = await functionNamed(inputs, 'functionName', world)
      const urlId = world.hex(32)
      return {
        id: fn.id,
        outputs: {
          ...inputs,
          functionArn: fn.outputs.arn,
          functionUrl: `https://${urlId}.lambda-url.${world.region}.on.aws/`,
          urlId,
        },
        serve: { kind: 'alias', of: { type: FUNCTION, id: fn.id }, urlOutput: 'functionUrl' },
      }
    },
    async update(id, inputs, old) {
      return {
        outputs: { ...old.outputs, ...inputs },
        serve: { kind: 'alias', of: { type: FUNCTION, id }, urlOutput: 'functionUrl' },
      }
    },
  },
  'aws:lambda/permission:Permission': {
    replaceOn: ['action', 'function', 'principal', 'statementId', 'functionUrlAuthType', 'invokedViaFunctionUrl'],
    deleteBeforeReplace: true,
    async create(inputs, world) {
      const fn = await functionNamed(inputs, 'function', world)
      const statementId = text(inputs, 'statementId') ?? `terraform-${world.hex(26)}`
      return { id: `${fn.id}/${statementId}`, outputs: { ...inputs, statementId } }
    },
  },
  'aws:cloudwatch/logGroup:LogGroup': {
    replaceOn: ['name', 'logGroupClass'],
    deleteBeforeReplace: true,
    unique: named(
      'name',
      (name) =>
        `creating CloudWatch Logs Log Group (${name}): ResourceAlreadyExistsException: The specified log group already exists`,
    ),
    check: async (inputs) => ({
      inputs: { retentionInDays: 0, skipDestroy: false, logGroupClass: 'STANDARD', ...inputs },
      failures: oneOf(inputs, 'retentionInDays', RETENTIONS),
    }),
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `terraform-${world.hex(26)}`
      return {
        id: name,
        outputs: {
          ...inputs,
          name,
          arn: `arn:aws:logs:${world.region}:${world.cloudAccount}:log-group:${name}`,
          tagsAll: inputs.tags ?? {},
        },
      }
    },
    update: async (_id, inputs, old) => ({ outputs: { ...old.outputs, ...inputs, tagsAll: inputs.tags ?? {} } }),
  },
}

/** What Lambda itself refuses when it gets the request. */
async function refuse(name: string, inputs: Json, world: World): Promise<void> {
  const at = `creating Lambda Function (${name}): InvalidParameterValueException`
  const role = text(inputs, 'role')
  const roles = await world.list('aws:iam/role:Role')
  if (!roles.some((one) => one.outputs.arn === role))
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
        AWS_REGION: world.region,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(inputs.memorySize ?? 128),
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        LAMBDA_TASK_ROOT: '/var/task',
        TZ: ':UTC',
      },
      ...(concurrency >= 0 ? { concurrency } : {}),
      timeoutMs: Number(inputs.timeout ?? 3) * 1000,
    },
  }
}

async function functionNamed(inputs: Json, key: string, world: World): Promise<StoredResource> {
  const wanted = text(inputs, key) ?? ''
  const found = (await world.list(FUNCTION)).find((one) => one.id === wanted || one.outputs.arn === wanted)
  if (found === undefined)
    throw new Error(
      `ResourceNotFoundException: Function not found: arn:aws:lambda:${world.region}:${world.cloudAccount}:function:${wanted}`,
    )
  return found
}

function codeOf(inputs: Json): KeptAsset | undefined {
  const code = inputs.code
  return typeof code === 'object' && code !== null && 'kept' in code ? (code as KeptAsset) : undefined
}

function variablesOf(inputs: Json): Record<string, string> {
  const environment = inputs.environment as { variables?: Record<string, string> } | undefined
  return environment?.variables ?? {}
}

function named(key: string, taken: (name: string) => string): NonNullable<SimulatedResource['unique']> {
  return (inputs) => {
    const name = text(inputs, key)
    return name === undefined ? undefined : { name, taken: taken(name) }
  }
}

function range(
  inputs: Json,
  key: string,
  word: string,
  from: number,
  to: number,
): { property: string; reason: string }[] {
  const value = inputs[key]
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to))
    return []
  return [{ property: key, reason: `expected ${word} to be in the range (${from} - ${to}), got ${value}` }]
}

function oneOf(
  inputs: Json,
  key: string,
  allowed: readonly (string | number)[],
): { property: string; reason: string }[] {
  const value = inputs[key]
  if (value === undefined || allowed.includes(value as string)) return []
  return [
    {
      property: key,
      reason: `expected ${key} to be one of [${allowed.map((one) => JSON.stringify(one)).join(' ')}], got ${value}`,
    },
  ]
}

function text(inputs: Json, key: string): string | undefined {
  const value = inputs[key]
  return typeof value === 'string' ? value : undefined
}
