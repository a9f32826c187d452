import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { tokenFor } from './api/tokens.ts'

const SERVICES: [path: RegExp, host: string][] = [
  [/^\/v1\/projects\//, 'firestore.googleapis.com'],
  [/^\/(upload\/|download\/)?storage\/v1\//, 'storage.googleapis.com'],
]

/**
 * What Google's SDKs find around a function: the metadata server, and the services under the names by which the SDKs
 * look for stand-ins. Whoever asks here is the function, so its token goes along.
 */
export async function openInside({
  api,
  email,
  project,
}: {
  api: string
  email: string
  project: string
}): Promise<void> {
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  process.env.GCE_METADATA_HOST = host
  process.env.FIRESTORE_EMULATOR_HOST = host
  process.env.STORAGE_EMULATOR_HOST = `http://${host}`

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/'
    const told = url.startsWith('/computeMetadata/v1/') ? metadata(url.slice('/computeMetadata/v1/'.length)) : undefined
    if (told !== undefined) {
      response.writeHead(request.headers['metadata-flavor'] === 'Google' ? 200 : 403, { 'metadata-flavor': 'Google' })
      response.end(told)
      return
    }
    const [, service] = SERVICES.find(([path]) => path.test(url)) ?? []
    if (service === undefined) {
      response.writeHead(404).end()
      return
    }
    const body = await buffer(request)
    const answer = await fetch(`${api}/api/ggc/_/${service}${url}`, {
      method: request.method ?? 'GET',
      headers: {
        authorization: `Bearer ${tokenFor(email)}`,
        'content-type': request.headers['content-type'] ?? 'application/octet-stream',
      },
      ...(body.byteLength === 0 ? {} : { body: new Uint8Array(body) }),
    })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  }

  function metadata(path: string): string | undefined {
    if (path === 'project/project-id') return project
    if (path === 'instance/service-accounts/default/email') return email
    if (path.startsWith('instance/service-accounts/default/token'))
      return JSON.stringify({ access_token: tokenFor(email), expires_in: 3599, token_type: 'Bearer' })
    return undefined
  }
}
