import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BilledCloud } from './admin/bill.ts'
import { worldOf } from './cloud/world.ts'
import type { Host } from './host.ts'
import { type Listening, listen } from './serving/listen.ts'

/** The clouds' own HTTP APIs under `/api/<engine>/…`, as far as look-ups need them: GET only, logged like every call. */
export function serveApi(host: Host, clouds: BilledCloud[], port: number): Promise<Listening> {
  return listen(port, (request, response) => void respond(host, clouds, request, response))
}

async function respond(
  host: Host,
  clouds: BilledCloud[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, engine = '', path = ''] = /^\/api\/([^/?]+)(\/.*)?$/.exec(request.url ?? '') ?? []
  const found = clouds.find(({ cloud }) => cloud.engine === engine)
  if (request.method !== 'GET') return write(response, 405, { message: `expected GET, got ${request.method}` })
  if (found?.cloud.api === undefined)
    return write(response, 404, { message: `there is no simulated API at ${request.url}` })
  const owner = { engine, cloudAccount: found.cloudAccount.id }
  const seq = await host.calls.begin({ ...owner, operation: 'api', type: path })
  try {
    const answer = await found.cloud.api(path, worldOf(host, owner, '', `call ${seq}`))
    await host.calls.end(seq, { kind: 'done', id: undefined })
    write(response, answer.status, answer.body)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    await host.calls.end(seq, { kind: 'failed', id: undefined, message })
    write(response, 500, { message })
  }
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
