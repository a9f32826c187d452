import { z } from 'zod'
import type { Found, WatchContext } from '../../../contract/watch.ts'
import { allPages, callJson } from '../call.ts'
import { ownerOf } from './owner.ts'

const throughput = z.object({ ReadCapacityUnits: z.number(), WriteCapacityUnits: z.number() })
const namesSchema = z.object({ TableNames: z.array(z.string()), LastEvaluatedTableName: z.string().nullish() })
const tableSchema = z.object({
  Table: z.object({
    TableArn: z.string(),
    ProvisionedThroughput: throughput.optional(),
    BillingModeSummary: z.object({ BillingMode: z.string() }).optional(),
    TableClassSummary: z.object({ TableClass: z.string() }).optional(),
    GlobalSecondaryIndexes: z
      .array(z.object({ IndexName: z.string(), ProvisionedThroughput: throughput.optional() }))
      .optional(),
    Replicas: z.array(z.object({ RegionName: z.string() })).optional(),
  }),
})
const tagsSchema = z.object({ Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).optional() })

/** Tables of a region, with the capacity of each and of its indexes. */
export async function findTables(context: WatchContext, region: string): Promise<Found[]> {
  const call = <T>(name: string, answer: z.ZodType<T>, body: Record<string, unknown>): Promise<T> =>
    callJson(
      context,
      {
        url: `https://dynamodb.${region}.amazonaws.com/`,
        target: `DynamoDB_20120810.${name}`,
        version: '1.0',
        answer,
      },
      body,
    )
  const names = await allPages(async (after) => {
    const page = await call('ListTables', namesSchema, {
      Limit: 100,
      ...(after === undefined ? {} : { ExclusiveStartTableName: after }),
    })
    return { items: page.TableNames, next: page.LastEvaluatedTableName ?? undefined }
  })
  const found: Found[] = []
  for (const id of names) {
    const { Table } = await call('DescribeTable', tableSchema, { TableName: id })
    const listed = await call('ListTagsOfResource', tagsSchema, { ResourceArn: Table.TableArn })
    const tags = Object.fromEntries((listed.Tags ?? []).map(({ Key, Value }) => [Key, Value]))
    found.push({
      type: 'aws:dynamodb/table:Table',
      id,
      region,
      inputs: {
        name: id,
        region,
        billingMode: Table.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
        tableClass: Table.TableClassSummary?.TableClass ?? 'STANDARD',
        ...capacity(Table.ProvisionedThroughput),
        ...(Table.GlobalSecondaryIndexes === undefined
          ? {}
          : {
              globalSecondaryIndexes: Table.GlobalSecondaryIndexes.map((one) => ({
                name: one.IndexName,
                ...capacity(one.ProvisionedThroughput),
              })),
            }),
        ...(Table.Replicas === undefined
          ? {}
          : { replicas: Table.Replicas.map((one) => ({ regionName: one.RegionName })) }),
        tags,
      },
      ...ownerOf(tags),
    })
  }
  return found
}

function capacity(of: z.infer<typeof throughput> | undefined): Record<string, number> {
  return { readCapacity: of?.ReadCapacityUnits ?? 0, writeCapacity: of?.WriteCapacityUnits ?? 0 }
}
