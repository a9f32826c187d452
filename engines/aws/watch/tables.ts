import { z } from 'zod'
import type { WatchContext } from '../../contract/watch.ts'
import { allPages, callJson } from './call.ts'

const throughput = z.object({ ReadCapacityUnits: z.number(), WriteCapacityUnits: z.number() })
const namesSchema = z.object({ TableNames: z.array(z.string()), LastEvaluatedTableName: z.string().nullish() })
const index = { IndexName: z.string(), IndexSizeBytes: z.number().optional() }
const tableSchema = z.object({
  Table: z.object({
    TableArn: z.string(),
    TableSizeBytes: z.number().optional(),
    ProvisionedThroughput: throughput.optional(),
    BillingModeSummary: z.object({ BillingMode: z.string() }).optional(),
    TableClassSummary: z.object({ TableClass: z.string() }).optional(),
    GlobalSecondaryIndexes: z.array(z.object({ ...index, ProvisionedThroughput: throughput.optional() })).optional(),
    LocalSecondaryIndexes: z.array(z.object(index)).optional(),
    Replicas: z.array(z.object({ RegionName: z.string() })).optional(),
  }),
})
export type Throughput = z.infer<typeof throughput>
type TableDescription = z.infer<typeof tableSchema>['Table']

/** One operation of DynamoDB in a region. */
export function askTables<T>(
  context: WatchContext,
  region: string,
  name: string,
  answer: z.ZodType<T>,
  body: Record<string, unknown>,
): Promise<T> {
  const url = `https://dynamodb.${region}.amazonaws.com/`
  return callJson(context, { url, target: `DynamoDB_20120810.${name}`, version: '1.0', answer }, body)
}

/** Of a table with its indexes: each keeps a copy of what it shows. */
export function bytesOf({
  TableSizeBytes = 0,
  GlobalSecondaryIndexes = [],
  LocalSecondaryIndexes = [],
}: TableDescription): number {
  const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes]
  return indexes.reduce((sum, { IndexSizeBytes = 0 }) => sum + IndexSizeBytes, TableSizeBytes)
}

/** All tables of a region as their descriptions have them. */
export async function describeTables(
  context: WatchContext,
  region: string,
): Promise<{ id: string; table: TableDescription }[]> {
  const names = await allPages(async (after) => {
    const page = await askTables(context, region, 'ListTables', namesSchema, {
      Limit: 100,
      ...(after === undefined ? {} : { ExclusiveStartTableName: after }),
    })
    return { items: page.TableNames, next: page.LastEvaluatedTableName ?? undefined }
  })
  const described: { id: string; table: TableDescription }[] = []
  for (const id of names) {
    const { Table: table } = await askTables(context, region, 'DescribeTable', tableSchema, { TableName: id })
    described.push({ id, table })
  }
  return described
}
