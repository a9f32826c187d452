import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** The public side of a process: a port that stays, while what answers behind it comes and goes. */
export interface Gate {
  port: number
  /** From now on each new request goes there; undefined: nothing runs, and callers are told so. */
  lead(to: number | undefined): void
  /** Resolves when `port` has answered all its requests, or after the grace. */
  drained(port: number, graceMs: number): Promise<void>
  close(): Promise<void>
}

/** Callers at once. More are turned away here, so that looks at the health of the process still come through. */
const CONNECTIONS = 800

/**
 * Opens a gate on a loopback port. It chooses per request, not per connection: browsers that keep a connection open
 * meet the new release with their next request. Throws when the port is taken.
 */
export async function openGate(port: number): Promise<Gate> {
  let target: number | undefined
  const open = new Map<number, number>()
  const count = (to: number, change: number) => open.set(to, (open.get(to) ?? 0) + change)
  const tunnels = new Set<Duplex>()

  const server = createServer({ noDelay: true }, (asked, answer) => {
    if (target === undefined) return nothing(answer)
    const to = target
    count(to, 1)
    answer.once('close', () => count(to, -1))
    forward(to, asked, answer)
  })
  server.maxConnections = CONNECTIONS
  // A process may take its time; only an incomplete head is not waited for.
  server.requestTimeout = 0
  server.on('upgrade', (asked, socket, head) => {
    if (target === undefined) return socket.destroy()
    tunnels.add(socket)
    socket.once('close', () => tunnels.delete(socket))
    tunnel(target, asked, socket, head)
  })
  server.listen({ port, host: '127.0.0.1', exclusive: true })
  await once(server, 'listening')
  return {
    port,
    lead(to) {
      target = to
    },
    async drained(from, graceMs) {
      const patience = performance.now() + graceMs
      while ((open.get(from) ?? 0) > 0 && performance.now() < patience) await delay(20)
      open.delete(from)
    },
    async close() {
      server.close()
      server.closeAllConnections()
      for (const socket of tunnels) socket.destroy()
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
    headers: endToEnd(asked.rawHeaders),
    // A connection kept open might be closed by the process just when it is used again.
    agent: false,
  })
  upstream.on('response', (response) => {
    answer.writeHead(response.statusCode ?? 502, response.statusMessage, endToEnd(response.rawHeaders))
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
    const lines = [`${asked.method} ${asked.url} HTTP/1.1`]
    for (let index = 0; index < asked.rawHeaders.length; index += 2) {
      lines.push(`${asked.rawHeaders[index]}: ${asked.rawHeaders[index + 1]}`)
    }
    upstream.write(`${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    socket.pipe(upstream).pipe(socket)
  })
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

/** Raw headers without those that concern one connection only (RFC 9110, 7.6.1). */
function endToEnd(raw: string[]): string[] {
  const named = raw.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'connection' ? (raw[index + 1] ?? '').toLowerCase().split(/\s*,\s*/) : [],
  )
  const left = new Set([...HOP_BY_HOP, ...named])
  const kept: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const [name, value] = [raw[index] ?? '', raw[index + 1] ?? '']
    if (!left.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}

const HOP_BY_HOP = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
