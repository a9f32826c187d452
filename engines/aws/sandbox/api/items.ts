import type { ApiReply, Json, Records, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'
import { TABLE } from '../tables.ts'
import { type Given, holds, Invalid, type Item, updated } from './item-expressions.ts'
import { fault, isIn } from './json-call.ts'

interface Opened {
  table: StoredResource
  records: Records
  keyOf(item: Item): string
}

interface Asked extends Given {
  TableName?: string
  Item?: Item
  Key?: Item
  ConditionExpression?: string
  UpdateExpression?: string
  KeyConditionExpression?: string
  FilterExpression?: string
  ReturnValues?: string
  Limit?: number
  ScanIndexForward?: boolean
  RequestItems?: Record<string, Json>
}

/** What functions do with the items of a table. Errors as DynamoDB words them. */
export const items: Record<string, (asked: Json, world: World) => Promise<Json | ApiReply>> = {
  GetItem: inTable(async ({ Key = {} }, { records, keyOf }) => {
    const found = await records.get(keyOf(Key))
    return found === undefined ? {} : { Item: found }
  }),
  PutItem: inTable(async ({ Item = {}, ...asked }, opened) => {
    const old = await meeting(asked, Item, opened)
    await opened.records.put(opened.keyOf(Item), Item)
    return old !== undefined && asked.ReturnValues === 'ALL_OLD' ? { Attributes: old } : {}
  }),
  UpdateItem: inTable(async ({ Key = {}, UpdateExpression = '', ...asked }, opened) => {
    const old = await meeting(asked, Key, opened)
    const next = updated(UpdateExpression, old ?? Key, asked)
    await opened.records.put(opened.keyOf(Key), next)
    return /_NEW$/.test(asked.ReturnValues ?? '') ? { Attributes: next } : {}
  }),
  DeleteItem: inTable(async ({ Key = {}, ...asked }, opened) => {
    const old = await meeting(asked, Key, opened)
    await opened.records.delete(opened.keyOf(Key))
    return old !== undefined && asked.ReturnValues === 'ALL_OLD' ? { Attributes: old } : {}
  }),
  Query: inTable(({ KeyConditionExpression = '', ...asked }, opened) => listed(KeyConditionExpression, asked, opened)),
  Scan: inTable((asked, opened) => listed('', asked, opened)),
  async BatchGetItem(asked, world) {
    const Responses: Record<string, unknown[]> = {}
    for (const [TableName, { Keys }] of Object.entries((asked as Asked).RequestItems ?? {})) {
      const opened = await open(TableName, world)
      if (opened === undefined) return missing()
      const found = await Promise.all((Keys as Item[]).map((key) => opened.records.get(opened.keyOf(key))))
      Responses[TableName] = found.filter((one) => one !== undefined)
    }
    return { Responses, UnprocessedKeys: {} }
  },
  async BatchWriteItem(asked, world) {
    for (const [TableName, writes] of Object.entries((asked as Asked).RequestItems ?? {})) {
      const opened = await open(TableName, world)
      if (opened === undefined) return missing()
      for (const { PutRequest, DeleteRequest } of writes as unknown as Record<string, { Item?: Item; Key?: Item }>[]) {
        if (PutRequest?.Item !== undefined) await opened.records.put(opened.keyOf(PutRequest.Item), PutRequest.Item)
        if (DeleteRequest?.Key !== undefined) await opened.records.delete(opened.keyOf(DeleteRequest.Key))
      }
    }
    return { UnprocessedItems: {} }
  },
}

type InTable = (asked: Asked, opened: Opened) => Promise<Json>

function inTable(operation: InTable) {
  return async (asked: Json, world: World): Promise<Json | ApiReply> => {
    const opened = await open(String(asked.TableName), world)
    if (opened === undefined) return missing()
    try {
      return await operation(asked as Asked, opened)
    } catch (error) {
      if (error instanceof ConditionFailed)
        return fault(400, 'ConditionalCheckFailedException', 'The conditional request failed')
      if (error instanceof Invalid) return fault(400, 'ValidationException', error.message)
      throw error
    }
  }
}

class ConditionFailed extends Error {}

async function open(name: string, world: World): Promise<Opened | undefined> {
  const table = (await world.list(TABLE)).find((one) => one.id === name && isIn(world.region, one))
  if (table === undefined) return undefined
  const keys = [table.inputs.hashKey, table.inputs.rangeKey].filter((key) => typeof key === 'string')
  const keyOf = (item: Item): string => {
    if (keys.some((key) => item[key] === undefined))
      throw new Invalid('The provided key element does not match the schema')
    return JSON.stringify(keys.map((key) => item[key]))
  }
  return { table, records: world.records(TABLE, name), keyOf }
}

/** What stands under the key, where it meets the condition. */
async function meeting(asked: Asked, key: Item, { records, keyOf }: Opened): Promise<Item | undefined> {
  const old = (await records.get(keyOf(key))) as Item | undefined
  if (asked.ConditionExpression !== undefined && !holds(asked.ConditionExpression, old, asked))
    throw new ConditionFailed()
  return old
}

async function listed(where: string, asked: Asked, { records }: Opened): Promise<Json> {
  const all = (await records.list()).map(({ value }) => value as Item)
  const keyed = where === '' ? all : all.filter((item) => holds(where, item, asked))
  const ordered = asked.ScanIndexForward === false ? keyed.reverse() : keyed
  const scanned = ordered.slice(0, asked.Limit ?? ordered.length)
  const { FilterExpression: filter } = asked
  const Items = filter === undefined ? scanned : scanned.filter((item) => holds(filter, item, asked))
  return { Items, Count: Items.length, ScannedCount: scanned.length }
}

function missing(): ApiReply {
  return fault(400, 'ResourceNotFoundException', 'Requested resource not found')
}
