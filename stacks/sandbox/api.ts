import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiCall, ApiReply } from '../contract/sandbox.ts'
import type { BilledCloud } from './admin/bill.ts'
import { apiWorldOf } from './cloud/api-world.ts'
import { misbehave } from './cloud/misbehave.ts'
import type { Host } from './host.ts'
import { readRequest } from './serving/http-request.ts'
import { type Listening, listen } from './serving/listen.ts'

/**
 * The clouds' own HTTP APIs, logged like every call: `/api/<engine>/_/<host>/<path>` for the address
 * `https://<host>/<path>`, and `/api/<engine>/<path>` for callers that know paths only.
 */
export function serveApi(host: Host, clouds: BilledCloud[], port: number): Promise<Listening> {
  return listen(port, (request, response) => void respond(host, clouds, request, response))
}

async function respond(
  host: Host,
  clouds: BilledCloud[],
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const place = placeOf(message)
    const found = clouds.find(({ cloud }) => cloud.engine === place.engine)
    const call = await callOf(message, place, found?.cloud.mostBytes?.(place.host))
    if (call === undefined) return write(response, { status: 413, body: { message: 'expected a smaller body' } })
    write(
      response,
      found?.cloud.api === undefined
        ? { status: 404, body: { message: `there is no simulated API at ${message.url}` } }
        : await answer(host, found, call),
    )
  } catch (error) {
    write(response, { status: 500, body: { message: error instanceof Error ? error.message : String(error) } })
  }
}

/** Recorded before and after, with the fault that strikes it, as a call through the provider is. */
async function answer(host: Host, { cloud, cloudAccount }: BilledCloud, call: ApiCall): Promise<ApiReply> {
  const { engine } = cloud
  const caller = cloud.callerOf?.(call) ?? cloudAccount.id
  const owner = { engine, cloudAccount: typeof caller === 'string' ? caller : cloudAccount.id }
  const type = `${call.host}${call.path}`
  const seq = await host.calls.begin({ ...owner, operation: 'api', type })
  try {
    const fault = await host.faults.strike(engine, type, 'api')
    if (fault?.kind === 'throttle') {
      await host.calls.end(seq, { kind: 'failed', id: undefined, message: 'throttled' })
      return { status: 429, body: { message: fault.message ?? 'TooManyRequests: rate exceeded, retry later' } }
    }
    const effect = async (): Promise<ApiReply> =>
      typeof caller === 'string'
        ? ((await cloud.api?.(call, apiWorldOf(cloud, host, owner, `call ${seq}`))) ?? { status: 404, body: {} })
        : caller
    const reply = await misbehave(fault, effect, { gone: host.gone, givenUp: host.gone, later: async () => undefined })
    await host.calls.end(seq, { kind: 'done', id: undefined })
    return reply
  } catch (error) {
    await host.calls.end(seq, {
      kind: 'failed',
      id: undefined,
      message: error instanceof Error ? error.message : String(error),
    })
    throw error
  }
}

/** Whose API is asked, under which of its hosts; the host is empty where callers know paths only. */
function placeOf({ url = '/' }: IncomingMessage): { engine: string; host: string; path: string } {
  const [, engine = '', rest = ''] = /^\/api\/([^/?]+)(\/[^?]*)?/.exec(url) ?? []
  const [, host, below] = /^\/_\/([^/]+)(\/.*)?$/.exec(rest) ?? []
  return { engine, host: host ?? '', path: host === undefined ? rest : (below ?? '/') }
}

async function callOf(
  message: IncomingMessage,
  { host, path }: { host: string; path: string },
  mostBytes: number | undefined,
): Promise<ApiCall | undefined> {
  const request = await readRequest(message, mostBytes)
  if (request === undefined) return undefined
  return {
    method: request.method,
    host,
    path,
    query: Object.fromEntries(new URLSearchParams(request.query)),
    headers: request.headers,
    body: parsed(request.body),
    bytes: request.body,
  }
}

/** What is larger is no text that anybody reads. */
const TEXT_BYTES = 8 * 1024 * 1024

function parsed(body: Uint8Array): unknown {
  if (body.byteLength === 0 || body.byteLength > TEXT_BYTES) return undefined
  const text = Buffer.from(body).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    // A form, or words: the cloud says what it thinks of it.
    return text
  }
}

function write(response: ServerResponse, { status, body, headers }: ApiReply): void {
  const bytes = body instanceof Uint8Array
  response.writeHead(status, { 'content-type': bytes ? 'application/octet-stream' : 'application/json', ...headers })
  response.end(bytes ? body : JSON.stringify(body))
}
