import type { SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { isPolicy } from './identities.ts'
import { named, oneOf, text } from './inputs.ts'

export const TABLE = 'aws:dynamodb/table:Table'
export const TABLE_POLICY = 'aws:dynamodb/resourcePolicy:ResourcePolicy'

/** DynamoDB. It takes any capacity, and charges for what is beyond the allowance: refusing is not its task. */
export const tables: Record<string, SimulatedResource> = {
  [TABLE]: {
    replaceOn: ['name', 'hashKey', 'rangeKey', 'localSecondaryIndexes'],
    deleteBeforeReplace: true,
    tagProperty: 'tags',
    unique: named(
      'name',
      (name) =>
        `creating AWS DynamoDB Table (${name}): operation error DynamoDB: CreateTable, ResourceInUseException: Table already exists: ${name}`,
    ),
    async check(inputs) {
      const failures = oneOf(inputs, 'billingMode', ['PROVISIONED', 'PAY_PER_REQUEST'])
      if (text(inputs, 'hashKey') === undefined)
        failures.push({ property: 'hashKey', reason: 'all attributes must be indexed; a hash key is required' })
      return { inputs: { billingMode: 'PROVISIONED', tableClass: 'STANDARD', ...inputs }, failures }
    },
    asByHand: async (inputs) => ({ readCapacity: 5, writeCapacity: 5, hashKey: 'id', ...inputs }),
    async create(inputs, world) {
      const name = text(inputs, 'name') ?? `table-${world.hex(7)}`
      if (
        inputs.billingMode !== 'PAY_PER_REQUEST' &&
        !(Number(inputs.readCapacity) >= 1 && Number(inputs.writeCapacity) >= 1)
      )
        throw new Error(
          `creating AWS DynamoDB Table (${name}): ValidationException: No provisioned throughput specified for the table`,
        )
      return {
        id: name,
        outputs: {
          ...inputs,
          name,
          arn: `arn:aws:dynamodb:${world.region}:${world.cloudAccount}:table/${name}`,
          tagsAll: inputs.tags ?? {},
        },
      }
    },
    update: async (_id, inputs, old) => ({ outputs: { ...old.outputs, ...inputs, tagsAll: inputs.tags ?? {} } }),
  },
  [TABLE_POLICY]: {
    replaceOn: ['resourceArn'],
    async create(inputs, world) {
      const arn = text(inputs, 'resourceArn') ?? ''
      const at = `creating AWS DynamoDB Resource Policy (${arn})`
      if (!(await world.list(TABLE)).some((one) => one.outputs.arn === arn))
        throw new Error(`${at}: ResourceNotFoundException: Requested resource not found`)
      await refuseUnknown(at, text(inputs, 'policy') ?? '', world)
      return { id: arn, outputs: { ...inputs, confirmRemoveSelfResourceAccess: false, revisionId: world.hex(13) } }
    },
    async update(id, inputs, old, world) {
      await refuseUnknown(`updating AWS DynamoDB Resource Policy (${id})`, text(inputs, 'policy') ?? '', world)
      return { outputs: { ...old.outputs, ...inputs, revisionId: world.hex(13) } }
    },
  },
}

/** A policy names only who is there. */
async function refuseUnknown(at: string, policy: string, world: World): Promise<void> {
  if (!isPolicy(policy)) throw new Error(`${at}: ValidationException: Invalid policy document`)
  const roles = new Set((await world.list('aws:iam/role:Role')).map((one) => one.id))
  const named = [...policy.matchAll(/:assumed-role\/([^/"]+)\//g)].map(([, role]) => role ?? '')
  const unknown = named.find((role) => !roles.has(role))
  if (unknown !== undefined) throw new Error(`${at}: ValidationException: Invalid principal in policy: ${unknown}`)
}
