import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { endToEnd, forwardedOf, withoutForwarded } from './forwarded.ts'
import { Underway } from './underway.ts'

/** The public side of a process: a port that stays, while what answers behind it comes and goes. */
export interface Gate {
  port: number
  /** From now on each new request goes there; undefined: nothing runs, and callers are told so. */
  lead(to: number | undefined): void
  /** Resolves when `port` has answered all its requests and has no tunnel left; after the patience what is left is cut. */
  drained(port: number, patience: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** Callers at once. More are turned away here, so that looks at the health of the process still come through. */
const CONNECTIONS = 800
/** A connection that is kept open without a request is closed after that long. */
const IDLE_MS = 60_000

/**
 * Opens a gate on a port, of loopback unless the host is reached from elsewhere. It chooses per request, not per connection: browsers that keep a connection open
 * meet the new release with their next request. Throws when the port is taken.
 *
 * It is ours because what it is for is small and the libraries do more and that differently: they tell a caller
 * `connection: close` when the process closes, send headers of one connection on, and write each header once.
 */
export async function openGate(port: number, host = '127.0.0.1'): Promise<Gate> {
  let target: number | undefined
  const underway = new Underway()

  const server = createServer({ noDelay: true, keepAliveTimeout: IDLE_MS }, (asked, answer) => {
    if (target === undefined) return nothing(answer)
    const ended = underway.begin(target, () => answer.destroy())
    answer.once('close', ended)
    forward(target, asked, answer)
  })
  server.maxConnections = CONNECTIONS
  // A process may take its time; only an incomplete head is not waited for.
  server.requestTimeout = 0
  server.on('upgrade', (asked, socket, head) => {
    if (target === undefined) return socket.destroy()
    const ended = underway.begin(target, () => socket.destroy())
    socket.once('close', ended)
    tunnel(target, asked, socket, head)
  })
  server.listen({ port, host, exclusive: true })
  await once(server, 'listening')
  return {
    port,
    lead(to) {
      target = to
    },
    drained: (from, patience) => underway.over(from, patience),
    async close() {
      server.close()
      server.closeAllConnections()
      underway.cut()
      await once(server, 'close')
    },
  }
}

function forward(port: number, asked: IncomingMessage, answer: ServerResponse): void {
  const upstream = request({
    host: '127.0.0.1',
    port,
    method: asked.method ?? 'GET',
    path: asked.url ?? '/',
    headers: [...withoutForwarded(endToEnd(asked.rawHeaders)), ...forwardedOf(asked)],
    // A connection kept open might be closed by the process just when it is used again.
    agent: false,
  })
  upstream.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.statusMessage, endToEnd(response.rawHeaders))
    // Who sends events waits with the first, and callers wait for the head.
    if (response.headers['content-length'] === undefined) answer.flushHeaders()
    response.on('error', () => answer.destroy())
    response.pipe(answer)
  })
  upstream.on('error', () => {
    if (answer.headersSent) answer.destroy()
    else nothing(answer)
  })
  answer.on('close', () => upstream.destroy())
  asked.on('error', () => upstream.destroy())
  asked.pipe(upstream)
}

/** WebSockets and their like: after the first exchange the gate only passes bytes on. */
function tunnel(port: number, asked: IncomingMessage, socket: Duplex, head: Buffer): void {
  const upstream = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
    const headers = [...withoutForwarded(asked.rawHeaders), ...forwardedOf(asked)]
    const lines = [`${asked.method} ${asked.url} HTTP/1.1`]
    for (let index = 0; index < headers.length; index += 2) lines.push(`${headers[index]}: ${headers[index + 1]}`)
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    socket.pipe(upstream).pipe(socket)
  })
  // Who no longer sends has gone: half a tunnel would stay for ever, where the other half does not look.
  socket.on('end', () => socket.end())
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

function nothing(answer: ServerResponse): void {
  answer.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1', connection: 'close' })
  answer.end('This process is not running.\n')
}
