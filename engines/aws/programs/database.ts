import { Table } from '@pulumi/aws/dynamodb/table.js'
import { interpolate } from '@pulumi/pulumi'
import type { ProgramModule } from '../../contract/engine.ts'
import { SIZE_TAG } from '../rules/tables.ts'
import { withDoor } from './let-in.ts'

/** Beyond it a table gets two units of each: a month has 2.7 million seconds, and one unit is one of a second. */
const MANY_REQUESTS = 100_000

/**
 * A table of DynamoDB in provisioned mode. Keys: `id` for `key-value`; `pk` and `sk` for `document`, so that documents
 * which belong together can be asked for at once.
 */
export default {
  kind: 'database',
  declare({ component, slug, region }) {
    const { name, model, sizeMb, expect } = component
    const units = expect.requests > MANY_REQUESTS ? 2 : 1
    const keys = model === 'key-value' ? ['id'] : ['pk', 'sk']
    const [hashKey = 'id', rangeKey] = keys
    const table = new Table(`${name}-table`, {
      name: slug,
      billingMode: 'PROVISIONED',
      readCapacity: units,
      writeCapacity: units,
      hashKey,
      ...(rangeKey === undefined ? {} : { rangeKey }),
      attributes: keys.map((key) => ({ name: key, type: 'S' })),
      tags: { [SIZE_TAG]: String(sizeMb) },
    })
    const outputs = { url: interpolate`dynamodb://${region}/${table.name}`, table: table.name }
    return withDoor(outputs, name, table.arn)
  },
} satisfies ProgramModule<'database'>
