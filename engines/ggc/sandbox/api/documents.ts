import type { ApiCall, ApiReply, Json, Records, World } from '../../../../stacks/contract/sandbox.ts'
import { count } from '../counters.ts'
import { DATABASE } from '../firestore.ts'
import { ok, refused } from './reply.ts'

const AT = /^\/v1\/(projects\/[^/]+\/databases\/[^/]+)\/documents(?:\/(.+))?$/

/** Firestore's REST API, one document at a time, and the list of a collection. */
export async function documents(call: ApiCall, world: World): Promise<ApiReply> {
  const [, id = '', path = ''] = AT.exec(decodeURIComponent(call.path)) ?? []
  const database = (await world.list(DATABASE)).find((one) => one.id === id)
  if (database === undefined) return refused(404, 'NOT_FOUND', `The database ${id} does not exist`)
  const records = world.records(DATABASE, id)
  const reply = await answer(call, path, { records, base: `${id}/documents`, now: new Date(world.now()).toISOString() })
  const bytes = JSON.stringify(reply.body).length
  await world.count(database, { requests: 1, egressBytes: bytes, busyMs: 0 })
  await count(records, kindOf(call.method), world.now(), documentsIn(reply.body))
  return reply
}

interface Place {
  records: Records
  /** In front of a document's path. */
  base: string
  now: string
}

async function answer(call: ApiCall, path: string, { records, base, now }: Place): Promise<ApiReply> {
  const names = path.split('/')
  const isDocument = path !== '' && names.length % 2 === 0
  const { fields = {} } = (call.body ?? {}) as { fields?: Json }
  if (call.method === 'POST' && !isDocument && path !== '') {
    const name = `${path}/${call.query.documentId ?? Buffer.from(now).toString('base64url')}`
    if ((await records.get(name)) !== undefined)
      return refused(409, 'ALREADY_EXISTS', `Document already exists: ${name}`)
    return ok(await put(name, fields))
  }
  if (call.method === 'PATCH' && isDocument) {
    const old = ((await records.get(path))?.fields ?? {}) as Json
    const mask = call.query['updateMask.fieldPaths']
    return ok(await put(path, mask === undefined ? fields : { ...old, ...fields }))
  }
  if (call.method === 'DELETE' && isDocument) {
    await records.delete(path)
    return ok({})
  }
  if (call.method === 'GET' && isDocument) {
    const found = await records.get(path)
    return found === undefined ? refused(404, 'NOT_FOUND', `Document "${base}/${path}" not found.`) : ok(found)
  }
  if (call.method === 'GET' && path !== '') {
    const found = await records.list(`${path}/`)
    const own = found.filter(({ key }) => key.split('/').length === names.length + 1)
    return ok(own.length === 0 ? {} : { documents: own.map(({ value }) => value) })
  }
  return refused(400, 'INVALID_ARGUMENT', `there is no ${call.method} of ${path}`)

  async function put(name: string, fieldsOf: Json): Promise<Json> {
    const before = await records.get(name)
    const document = {
      name: `${base}/${name}`,
      fields: fieldsOf,
      createTime: before?.createTime ?? now,
      updateTime: now,
    }
    await records.put(name, document)
    return document
  }
}

function kindOf(method: string): 'read' | 'write' | 'delete' {
  return method === 'GET' ? 'read' : method === 'DELETE' ? 'delete' : 'write'
}

/** A list reads each of its documents; a question without an answer counts as one. */
function documentsIn(body: unknown): number {
  const listed = (body as { documents?: unknown[] }).documents
  return Math.max(1, listed?.length ?? 1)
}
