import type { ApiCall, ApiReply, Json, StoredResource, World } from '../../../../stacks/contract/sandbox.ts'

type Operation = (asked: Json, world: World) => Promise<Json | ApiReply>

/** A service of AWS' JSON protocol: one address, the operation's name in a header. */
export function jsonService(prefix: string, operations: Record<string, Operation>) {
  return async (call: ApiCall, world: World): Promise<ApiReply> => {
    const target = call.headers['x-amz-target'] ?? ''
    const operation = target.startsWith(`${prefix}.`) ? operations[target.slice(prefix.length + 1)] : undefined
    if (call.method !== 'POST' || operation === undefined)
      return fault(400, 'UnknownOperationException', `there is no ${call.method} ${target}`)
    if (!/^application\/x-amz-json-1\.[01]$/.test(call.headers['content-type'] ?? ''))
      return fault(400, 'SerializationException', 'expected application/x-amz-json')
    const answer = await operation((call.body ?? {}) as Json, world)
    return isReply(answer) ? answer : { status: 200, body: answer }
  }
}

export function fault(status: number, type: string, message: string): ApiReply {
  return { status, body: { __type: type, message } }
}

/** Whether something is in a region; what has no place in its ARN is in the one where all is counted. */
export function isIn(region: string, one: StoredResource): boolean {
  const place = String(one.outputs.arn ?? '').split(':')[3] ?? ''
  return place === '' ? region === 'us-east-1' : place === region
}

/** A slice of a list, and the token of the next one. */
export function sliceOf<T>(all: T[], token: unknown, size: number): { slice: T[]; next: string | undefined } {
  const from = Number(token ?? 0)
  const next = from + size < all.length ? String(from + size) : undefined
  return { slice: all.slice(from, from + size), next }
}

function isReply(answer: Json | ApiReply): answer is ApiReply {
  return typeof answer.status === 'number' && 'body' in answer
}
