import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { PipiError } from '../../../../catalog/errors.ts'
import { isBearer } from '../../supervisor/api.ts'
import type { Answered, Asked } from './asked.ts'
import type { Link, Way } from './link.ts'
import { withArtifact } from './send-artifact.ts'

const BODY_BYTES = 2 * 1024 ** 2
/** How often a question is asked again of a way that broke under it: what a supervisor is asked can be asked twice. */
const TRIES = 3

/**
 * The supervisor of a far host as if it were here: the same HTTP API on 127.0.0.1, under a token of our own. `GET /link`
 * says how the host is; artifacts that a process is to be made of are sent along first.
 */
export async function serveGateway(order: {
  link: Link
  token: string
  port: number
}): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(order, request, response).catch((error: unknown) => {
      const ours = PipiError.from(error)
      send(response, ours.kind.status, ours.toJSON())
    })
  })
  // A create waits until its process is healthy.
  server.requestTimeout = 0
  await listen(order.port).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error
    return listen(0)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }

  async function listen(port: number): Promise<void> {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
}

async function answer(
  { link, token }: { link: Link; token: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isBearer(request.headers.authorization, token)) {
    throw new PipiError('not-authenticated', 'No valid token', { hint: "It lies in the companion's folder." })
  }
  if (request.method === 'GET' && request.url === '/link') {
    return send(response, 200, { ...link.state(), machine: link.machine(), limits: link.host.limits })
  }
  const asked = { method: request.method ?? 'GET', path: request.url ?? '/', body: await bodyOf(request) }
  // Who asked may have gone: then nothing new is begun in its name.
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  for (let tried = 1; ; tried += 1) {
    const way = await link.way(gone.signal)
    try {
      const { status, body } = await withArtifact(way, asked, (ready) => ask(way, ready, gone.signal), gone.signal)
      response.writeHead(status, { 'content-type': 'application/json' })
      return void response.end(body)
    } catch (error) {
      if (tried >= TRIES || !isBroken(error)) throw error
    }
  }
}

/** Throws `platform.unreachable` when the way breaks. */
async function ask({ port, supervisor }: Way, { method, path, body }: Asked, signal: AbortSignal): Promise<Answered> {
  try {
    const response = await fetch(new URL(path, `http://127.0.0.1:${port}`), {
      method,
      headers: { authorization: `Bearer ${supervisor.token}`, 'content-type': 'application/json', connection: 'close' },
      signal,
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    })
    return { status: response.status, body: await response.text() }
  } catch (cause) {
    signal.throwIfAborted()
    throw new PipiError('platform.unreachable', `the tunnel broke: ${(cause as Error).message}`, {
      hint: 'It is opened again by itself.',
      cause,
    })
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof PipiError && error.code === 'platform.unreachable'
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (request.method !== 'PUT' && request.method !== 'POST') return undefined
  if (Number(request.headers['content-length'] ?? BODY_BYTES + 1) > BODY_BYTES) {
    throw new PipiError('input.invalid', `A body of at most ${BODY_BYTES} bytes was expected`)
  }
  return buffer(request)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
