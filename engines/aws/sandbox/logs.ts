import type { SimulatedResource } from '../../../stacks/contract/sandbox.ts'
import { named, oneOf, text } from './inputs.ts'

export const LOG_GROUP = 'aws:cloudwatch/logGroup:LogGroup'
const RETENTIONS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/** CloudWatch's log groups. */
export const logs: Record<string, SimulatedResource> = {
  [LOG_GROUP]: {
    replaceOn: ['name', 'namePrefix', 'logGroupClass'],
    deleteBeforeReplace: true,
    tagProperty: 'tags',
    unique: named(
      'name',
      (name) =>
        `creating CloudWatch Logs Log Group (${name}): ResourceAlreadyExistsException: The specified log group already exists`,
    ),
    check: async (inputs) => ({
      inputs: { retentionInDays: 0, skipDestroy: false, ...inputs },
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
