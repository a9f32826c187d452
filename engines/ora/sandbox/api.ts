import type { ApiCall, ApiReply, World } from '../../../stacks/contract/sandbox.ts'
import { metadata } from './api/metadata.ts'
import { objects } from './api/objects.ts'
import { OWNER } from './identify.ts'
import { TENANCY_HEADER } from './machine-calls.ts'
import { namespaceOf } from './storage.ts'

/** A machine belongs to a tenancy; an address that is a key by itself names the tenancy's name space. */
export function callerOf({ headers, path }: ApiCall): string | ApiReply {
  const machine = headers[TENANCY_HEADER]
  if (machine !== undefined) return machine
  const namespace = /^\/p\/[^/]+\/n\/([^/]+)\//.exec(path)?.[1]
  return namespace === namespaceOf(OWNER) ? OWNER : { status: 404, body: { code: 'NotAuthorizedOrNotFound' } }
}

/** What machines ask of the platform. */
export async function api(call: ApiCall, world: World): Promise<ApiReply> {
  if (call.host === '169.254.169.254') return metadata(call, world)
  if (/^objectstorage\.[a-z0-9-]+\.oraclecloud\.com$/.test(call.host)) return objects(call, world)
  return { status: 404, body: { code: 'NotFound', message: `there is no ${call.method} ${call.host}${call.path}` } }
}
