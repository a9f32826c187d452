import type { Json } from '../../../../stacks/contract/sandbox.ts'
import { TABLE } from '../tables.ts'
import { fault, isIn, jsonService, sliceOf } from './json-call.ts'

/** DynamoDB: names, one table, its tags. */
export const tables = jsonService('DynamoDB_20120810', {
  async ListTables({ ExclusiveStartTableName: after, Limit }, world) {
    const names = (await world.list(TABLE)).filter((one) => isIn(world.region, one)).map((one) => one.id)
    const from = after === undefined ? 0 : names.indexOf(String(after)) + 1
    const { slice, next } = sliceOf(names, from, Number(Limit ?? 100))
    return { TableNames: slice, ...(next === undefined ? {} : { LastEvaluatedTableName: slice.at(-1) }) }
  },
  async DescribeTable({ TableName }, world) {
    const found = (await world.list(TABLE)).find((one) => one.id === TableName && isIn(world.region, one))
    if (found === undefined) return fault(400, 'ResourceNotFoundException', `Table: ${TableName} not found`)
    const { inputs, outputs } = found
    const indexes = Array.isArray(inputs.globalSecondaryIndexes) ? (inputs.globalSecondaryIndexes as Json[]) : []
    return {
      Table: {
        TableName,
        TableArn: outputs.arn,
        TableStatus: 'ACTIVE',
        TableSizeBytes: 0,
        ProvisionedThroughput: throughput(inputs),
        ...(inputs.billingMode === 'PAY_PER_REQUEST' ? { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } } : {}),
        ...(inputs.tableClass === 'STANDARD' ? {} : { TableClassSummary: { TableClass: inputs.tableClass } }),
        ...(indexes.length === 0
          ? {}
          : {
              GlobalSecondaryIndexes: indexes.map((one) => ({
                IndexName: one.name,
                ProvisionedThroughput: throughput(one),
              })),
            }),
      },
    }
  },
  async ListTagsOfResource({ ResourceArn }, world) {
    const found = (await world.list(TABLE)).find((one) => one.outputs.arn === ResourceArn)
    if (found === undefined) return fault(400, 'ResourceNotFoundException', 'Requested resource not found')
    const tags = Object.entries((found.inputs.tags ?? {}) as Record<string, string>)
    return { Tags: tags.map(([Key, Value]) => ({ Key, Value })) }
  },
})

function throughput(of: Json): Json {
  return { ReadCapacityUnits: Number(of.readCapacity ?? 0), WriteCapacityUnits: Number(of.writeCapacity ?? 0) }
}
