import type { ApiCall, ApiReply, ApiWorld } from '../../../stacks/contract/sandbox.ts'
import type { Action, RegistryGiven } from './registry/asked.ts'
import { blob } from './registry/blobs.ts'
import { manifest, tags } from './registry/manifests.ts'
import { done, unknown } from './registry/replies.ts'
import { upload } from './registry/uploads.ts'

export { imageResource, layoutOf } from './registry/images.ts'
export { denied } from './registry/replies.ts'

const PARTS = /^\/v2\/([a-z0-9][a-z0-9._/-]*)\/(blobs\/uploads|blobs|manifests|tags)\/(.*)$/

/**
 * The registry of a simulated cloud, by the OCI distribution API. Blobs lie beside the images of a name and go with the
 * last one that has them; each image (a manifest) is a resource of the inventory, with the bytes that it takes.
 */
export async function registry(call: ApiCall, world: ApiWorld, given: RegistryGiven): Promise<ApiReply> {
  const addressOf = (path: string): string => `${world.api}/api/${given.engine}/_/${call.host}${path}`
  const [, name = '', part = '', rest = ''] = PARTS.exec(decodeURIComponent(call.path)) ?? []
  const action = actionOf(call.method)
  if (call.headers.authorization === undefined) {
    const scope = name === '' ? '' : `,scope="repository:${name}:${action === 'pull' ? 'pull' : 'pull,push'}"`
    const challenge = `Bearer realm="${addressOf(given.tokens)}",service="${call.host}"${scope}`
    const reply = unknown(401, 'UNAUTHORIZED', 'authentication required')
    return { ...reply, headers: { ...reply.headers, 'www-authenticate': challenge } }
  }
  if (call.path === '/v2/' || call.path === '/v2')
    return done(200, { 'docker-distribution-api-version': 'registry/2.0' })
  if (name === '') return unknown(404, 'NAME_INVALID', `there is no ${call.method} ${call.path}`)
  const refusal = await given.refuses(name, action)
  if (refusal !== undefined) return refusal
  const asked = { call, world, given, name, addressOf }
  if (part === 'blobs/uploads') return upload(asked, rest)
  if (part === 'blobs') return blob(asked, rest)
  if (part === 'tags') return tags(asked)
  return manifest(asked, rest)
}

function actionOf(method: string): Action {
  if (method === 'DELETE') return 'delete'
  return method === 'GET' || method === 'HEAD' ? 'pull' : 'push'
}
