import type { ApiCall, ApiReply, World } from '../../../stacks/contract/sandbox.ts'
import { documents } from './api/documents.ts'
import { metadata } from './api/metadata.ts'
import { objects } from './api/objects.ts'
import { DATABASE_HOST } from './databases.ts'
import { OWNER } from './identify.ts'
import { TENANCY_HEADER } from './machine-calls.ts'
import { namespaceOf } from './storage.ts'

/** A machine belongs to a tenancy; the address of an object or a database names the tenancy's name space. */
export function callerOf({ headers, path, host }: ApiCall): string | ApiReply {
  const machine = headers[TENANCY_HEADER]
  if (machine !== undefined) return machine
  const namespace = /^\/p\/[^/]+\/n\/([^/]+)\//.exec(path)?.[1] ?? DATABASE_HOST.exec(host)?.[1]
  return namespace === namespaceOf(OWNER) ? OWNER : { status: 404, body: { code: 'NotAuthorizedOrNotFound' } }
}

/** What machines ask of the platform. */
export async function api(call: ApiCall, world: World): Promise<ApiReply> {
  if (call.host === '169.254.169.254') return metadata(call, world)
  if (/^objectstorage\.[a-z0-9-]+\.oraclecloud\.com$/.test(call.host)) return objects(call, world)
  if (DATABASE_HOST.test(call.host)) return documents(call, world)
  return { status: 404, body: { code: 'NotFound', message: `there is no ${call.method} ${call.host}${call.path}` } }
}
