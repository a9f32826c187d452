import type { ApiCall, ApiReply, Json, World } from '../../../../stacks/contract/sandbox.ts'
import { arnOf, type Session, sessionOf } from '../sessions.ts'
import { TABLE, TABLE_POLICY } from '../tables.ts'
import { bytesIn } from './item-bytes.ts'
import { items } from './items.ts'
import { fault, isIn, jsonService, sliceOf } from './json-call.ts'

/** DynamoDB: names, one table, its tags, for the account's own users; its items also for whom the table lets in. */
export async function tables(call: ApiCall, world: World): Promise<ApiReply> {
  const session = sessionOf(call)
  const refusal = session === undefined ? undefined : await refusalFor(call, session, world)
  if (refusal !== undefined) return refusal
  const reply = await service(call, world)
  await counted(call, reply, world)
  return reply
}

const service = jsonService('DynamoDB_20120810', {
  ...items,
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
    const bytes = found.stored?.at(-1)?.bytes ?? 0
    const [global, local] = [listed(inputs.globalSecondaryIndexes), listed(inputs.localSecondaryIndexes)]
    return {
      Table: {
        TableName,
        TableArn: outputs.arn,
        TableStatus: 'ACTIVE',
        TableSizeBytes: bytes,
        ProvisionedThroughput: throughput(inputs),
        ...(inputs.billingMode === 'PAY_PER_REQUEST' ? { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } } : {}),
        ...(inputs.tableClass === 'STANDARD' ? {} : { TableClassSummary: { TableClass: inputs.tableClass } }),
        ...(global.length === 0
          ? {}
          : {
              GlobalSecondaryIndexes: global.map((one) => ({
                IndexName: one.name,
                IndexSizeBytes: bytes,
                ProvisionedThroughput: throughput(one),
              })),
            }),
        ...(local.length === 0
          ? {}
          : { LocalSecondaryIndexes: local.map((one) => ({ IndexName: one.name, IndexSizeBytes: bytes })) }),
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

/** A session may do what the policy of each table that it asks for says of it; its role has no right of its own there. */
async function refusalFor({ headers, body }: ApiCall, session: Session, world: World): Promise<ApiReply | undefined> {
  const action = `dynamodb:${(headers['x-amz-target'] ?? '').split('.')[1]}`
  const policies = await world.list(TABLE_POLICY)
  for (const name of tablesIn(body)) {
    const arn = `arn:aws:dynamodb:${world.region}:${world.cloudAccount}:table/${name}`
    const policy = policies.find((one) => one.inputs.resourceArn === arn)
    if (policy !== undefined && letsIn(String(policy.inputs.policy), arnOf(session), action, arn)) continue
    return fault(
      400,
      'AccessDeniedException',
      `User: ${arnOf(session)} is not authorized to perform: ${action} on resource: ${arn} because no resource-based policy allows the ${action} action`,
    )
  }
  return undefined
}

interface PolicyStatement {
  Effect: string
  Principal: { AWS: string[] }
  Action: string[]
  Resource: string[]
}

function letsIn(policy: string, principal: string, action: string, arn: string): boolean {
  return (JSON.parse(policy) as { Statement: PolicyStatement[] }).Statement.some(
    (one) =>
      one.Effect === 'Allow' &&
      one.Principal.AWS.includes(principal) &&
      one.Action.includes(action) &&
      one.Resource.includes(arn),
  )
}

/** Those that a request names; nothing named is everything, which no table's policy gives. */
function tablesIn(body: unknown): string[] {
  const { TableName, RequestItems } = (body ?? {}) as { TableName?: string; RequestItems?: Json }
  if (RequestItems !== undefined) return Object.keys(RequestItems)
  return [TableName ?? '*']
}

async function counted({ headers, body }: ApiCall, { body: answered }: ApiReply, world: World): Promise<void> {
  const named = tablesIn(body)
  const bytes = JSON.stringify(answered ?? null).length
  const writes = /\.(Put|Update|Delete|BatchWrite)Item$/.test(headers['x-amz-target'] ?? '')
  for (const one of await world.list(TABLE)) {
    if (!named.includes(one.id)) continue
    await world.count(one, { requests: 1, egressBytes: bytes, busyMs: 0 })
    if (writes) await world.stores(one, await bytesIn(one.id, world))
  }
}

function listed(indexes: unknown): Json[] {
  return Array.isArray(indexes) ? (indexes as Json[]) : []
}

function throughput(of: Json): Json {
  return { ReadCapacityUnits: Number(of.readCapacity ?? 0), WriteCapacityUnits: Number(of.writeCapacity ?? 0) }
}
