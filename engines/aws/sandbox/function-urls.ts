import type { Json, SimulatedResource, StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import { FUNCTION } from './functions.ts'
import { oneOf, range, text } from './inputs.ts'

/** How a function is reached, and by whom. */
export const functionUrls: Record<string, SimulatedResource> = {
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
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': {
    replaceOn: ['functionName', 'qualifier'],
    check: async (inputs) => ({
      inputs: { maximumRetryAttempts: 2, ...inputs },
      failures: range(inputs, 'maximumRetryAttempts', 'maximum_retry_attempts', 0, 2),
    }),
    async create(inputs, world) {
      const fn = await functionNamed(inputs, 'functionName', world)
      return { id: fn.id, outputs: { ...inputs } }
    },
  },
  'aws:lambda/permission:Permission': {
    replaceOn: [
      'action',
      'eventSourceToken',
      'function',
      'functionUrlAuthType',
      'invokedViaFunctionUrl',
      'principal',
      'principalOrgId',
      'qualifier',
      'sourceAccount',
      'sourceArn',
      'statementId',
      'statementIdPrefix',
    ],
    deleteBeforeReplace: true,
    async create(inputs, world) {
      const fn = await functionNamed(inputs, 'function', world)
      const statementId = text(inputs, 'statementId') ?? `terraform-${world.hex(26)}`
      return { id: `${fn.id}/${statementId}`, outputs: { ...inputs, statementId } }
    },
  },
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
