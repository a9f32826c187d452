import { LOG_GROUP } from '../logs.ts'
import { fault, isIn, jsonService, sliceOf } from './json-call.ts'

/** CloudWatch Logs: groups, and the tags of one. */
export const logs = jsonService('Logs_20140328', {
  async DescribeLogGroups({ nextToken, limit }, world) {
    const all = (await world.list(LOG_GROUP)).filter((one) => isIn(world.region, one))
    const { slice, next } = sliceOf(all, nextToken, Number(limit ?? 50))
    return {
      logGroups: slice.map(({ id, inputs, outputs, createdAt }) => ({
        logGroupName: id,
        arn: `${outputs.arn}:*`,
        logGroupArn: outputs.arn,
        creationTime: createdAt,
        logGroupClass: inputs.logGroupClass ?? 'STANDARD',
        storedBytes: 0,
        // Left out where lines are kept for ever.
        ...(Number(inputs.retentionInDays ?? 0) > 0 ? { retentionInDays: inputs.retentionInDays } : {}),
      })),
      ...(next === undefined ? {} : { nextToken: next }),
    }
  },
  async ListTagsForResource({ resourceArn }, world) {
    const found = (await world.list(LOG_GROUP)).find((one) => one.outputs.arn === resourceArn)
    if (found === undefined) return fault(400, 'ResourceNotFoundException', 'The specified log group does not exist.')
    return { tags: found.inputs.tags ?? {} }
  },
})
