import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HandlerRequest, HandlerResponse } from '../../contract/sandbox.ts'

/** What functions take at most, as at the clouds. */
const MOST_BYTES = 6 * 1024 * 1024
/** Belong to one connection; a handler's answer must not carry them over. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length'])

/** Undefined: the body is too large. */
export async function readRequest(
  message: IncomingMessage,
  mostBytes: number = MOST_BYTES,
): Promise<HandlerRequest | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { method: message.method ?? 'GET', path, query, headers, body: Buffer.concat(chunks) }
}

export function writeResponse(
  response: ServerResponse,
  { status, headers, body }: HandlerResponse,
  head: boolean,
): void {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()))
  const length = head ? Number(headers['content-length'] ?? body.byteLength) : body.byteLength
  response.writeHead(status, { ...Object.fromEntries(kept), 'content-length': length })
  response.end(head ? undefined : body)
}
