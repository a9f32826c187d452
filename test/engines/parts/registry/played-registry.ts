import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: Buffer
}
/** `cut`: the connection breaks in the middle of the body. */
export type Answer =
  | { status: number; headers?: Record<string, string>; body?: string | Buffer; cut?: boolean }
  | 'hang up'

export interface Played {
  /** `http://127.0.0.1:<port>`. */
  base: string
  asked: Asked[]
  close(): Promise<void>
}

/** An HTTP server that answers as told: for what a real registry does only on its worst days. */
export async function play(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<Played> {
  const asked: Asked[] = []
  const server = createServer((request, response) => void serve(request, response))
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = request
    const one = { method, url, headers, body: Buffer.concat(chunks) }
    asked.push(one)
    const given = await answer(one)
    if (given === 'hang up') return void request.socket.destroy()
    response.writeHead(given.status, given.headers)
    if (given.cut === true) response.write(given.body?.slice(0, given.body.length / 2), () => request.socket.destroy())
    else response.end(given.body)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { base, asked, close }
}

export interface KeptBlobs {
  blobs: Map<string, Buffer>
  manifests: Map<string, Buffer>
  uploads: Map<string, Buffer>
}

/** What a registry does, in short; `chunks`: it says that it takes them. */
export function registryOf(kept: KeptBlobs, { method, url, headers, body }: Asked, chunks = false): Answer {
  const { pathname, searchParams } = new URL(url, 'http://registry')
  const [, kind = '', id = ''] = /^\/v2\/.+\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(pathname) ?? []
  if (kind === 'blobs') return found(kept.blobs.get(id), method)
  if (kind === 'manifests' && method !== 'PUT') return found(kept.manifests.get(id), method)
  if (kind === 'manifests') {
    kept.manifests.set(id, body)
    return { status: 201 }
  }
  if (method === 'POST') {
    const name = String(kept.uploads.size + 1)
    kept.uploads.set(name, Buffer.alloc(0))
    return {
      status: 202,
      headers: { location: `${pathname}${name}`, ...(chunks ? { 'oci-chunk-min-length': '1024' } : {}) },
    }
  }
  const there = kept.uploads.get(id)
  if (there === undefined) return { status: 404 }
  const progress = { location: pathname, range: `0-${Math.max(0, there.length - 1)}` }
  if (method === 'GET') return { status: 204, headers: progress }
  if (method === 'PATCH') {
    if (Number(headers['content-range']?.split('-')[0]) !== there.length) return { status: 416, headers: progress }
    kept.uploads.set(id, Buffer.concat([there, body]))
    return { status: 202, headers: { location: pathname } }
  }
  const whole = Buffer.concat([there, body])
  const digest = `sha256:${createHash('sha256').update(whole).digest('hex')}`
  if (searchParams.get('digest') !== digest) return { status: 400 }
  kept.blobs.set(digest, whole)
  return { status: 201 }
}

function found(bytes: Buffer | undefined, method: string): Answer {
  if (bytes === undefined) return { status: 404 }
  return { status: 200, headers: { 'content-length': String(bytes.length) }, body: method === 'HEAD' ? '' : bytes }
}
