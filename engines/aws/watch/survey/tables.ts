import { z } from 'zod'
import type { Found, WatchContext } from '../../../contract/watch.ts'
import { askTables, describeTables, type Throughput } from '../tables.ts'
import { ownerOf } from './owner.ts'

const tagsSchema = z.object({ Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).optional() })

/** Tables of a region, with the capacity of each and of its indexes. */
export async function findTables(context: WatchContext, region: string): Promise<Found[]> {
  const found: Found[] = []
  for (const { id, table } of await describeTables(context, region)) {
    const listed = await askTables(context, region, 'ListTagsOfResource', tagsSchema, { ResourceArn: table.TableArn })
    const tags = Object.fromEntries((listed.Tags ?? []).map(({ Key, Value }) => [Key, Value]))
    found.push({
      type: 'aws:dynamodb/table:Table',
      id,
      region,
      inputs: {
        name: id,
        region,
        billingMode: table.BillingModeSummary?.BillingMode ?? 'PROVISIONED',
        tableClass: table.TableClassSummary?.TableClass ?? 'STANDARD',
        ...capacity(table.ProvisionedThroughput),
        ...(table.GlobalSecondaryIndexes === undefined
          ? {}
          : {
              globalSecondaryIndexes: table.GlobalSecondaryIndexes.map((one) => ({
                name: one.IndexName,
                ...capacity(one.ProvisionedThroughput),
              })),
            }),
        ...(table.Replicas === undefined
          ? {}
          : { replicas: table.Replicas.map((one) => ({ regionName: one.RegionName })) }),
        tags,
      },
      ...ownerOf(tags),
    })
  }
  return found
}

function capacity(of: Throughput | undefined): Record<string, number> {
  return { readCapacity: of?.ReadCapacityUnits ?? 0, writeCapacity: of?.WriteCapacityUnits ?? 0 }
}
