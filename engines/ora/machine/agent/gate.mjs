import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Concern one connection only (RFC 9110, 7.6.1). */
const HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade'.split(' '),
)
const DRAIN_LOOK_MS = 20

/**
 * The public side of the machine: one port, behind it the components by the beginning of the path. It chooses for each
 * request, so that a new release answers the next one and the old one ends what it has begun.
 */
export async function openGate({ port, host }) {
  const routes = new Map()
  const underway = new Map()
  const tunnels = new Set()
  const begin = (to, socket) => {
    underway.set(to, (underway.get(to) ?? 0) + 1)
    socket.once('close', () => underway.set(to, underway.get(to) - 1))
  }
  const server = createServer((asked, answer) => {
    const route = routeOf(routes, asked.url)
    if (route === undefined) return plain(answer, routes.size === 0 ? 503 : 404)
    if (route.redirect !== undefined) return plain(answer, 308, { location: route.redirect })
    begin(route.port, answer)
    forward(route, asked, answer)
  })
  server.on('upgrade', (asked, socket, head) => {
    const route = routeOf(routes, asked.url)
    if (route?.port === undefined) return socket.destroy()
    begin(route.port, socket)
    tunnels.add(socket)
    socket.once('close', () => tunnels.delete(socket))
    tunnel(route, asked, socket, head)
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: server.address().port,
    /** From now on what begins with `prefix` goes there; without `to` nowhere. */
    lead(prefix, to) {
      if (to === undefined) routes.delete(prefix)
      else routes.set(prefix, { ...to, prefix })
    },
    /** Resolves when a port has answered all its requests, or after `ms`. */
    async drained(from, ms) {
      const until = performance.now() + ms
      while ((underway.get(from) ?? 0) > 0 && performance.now() < until) await delay(DRAIN_LOOK_MS)
      underway.delete(from)
    },
    async close() {
      server.close()
      server.closeAllConnections()
      for (const socket of tunnels) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** The longest prefix wins. A component's own name without the slash after it is sent there. */
function routeOf(routes, url = '/') {
  const path = url.split('?', 1)[0]
  let found
  for (const route of routes.values()) {
    if (path.startsWith(route.prefix) && route.prefix.length > (found?.prefix.length ?? 0)) found = route
    if (`${path}/` === route.prefix) return { redirect: `${route.prefix}${url.slice(path.length)}` }
  }
  return found
}

function headersFor(route, asked) {
  const headers = Object.fromEntries(
    Object.entries(asked.headersDistinct).filter(
      ([name]) => !HOP.has(name) && !name.startsWith('x-forwarded-') && name !== 'pipi-health',
    ),
  )
  return {
    ...headers,
    host: asked.headers.host ?? '',
    'x-forwarded-for': asked.socket.remoteAddress ?? '',
    'x-forwarded-host': asked.headers.host ?? '',
    'x-forwarded-proto': 'http',
    ...(route.prefix === '/' ? {} : { 'x-forwarded-prefix': route.prefix.slice(0, -1) }),
  }
}

function pathFor(route, asked) {
  return asked.url.slice(route.prefix.length - 1)
}

function forward(route, asked, answer) {
  const upstream = request({
    host: '127.0.0.1',
    port: route.port,
    method: asked.method,
    path: pathFor(route, asked),
    headers: headersFor(route, asked),
    agent: false,
  })
  upstream.on('response', (response) => {
    const headers = Object.entries(response.headersDistinct).filter(([name]) => !HOP.has(name))
    answer.writeHead(response.statusCode, { ...Object.fromEntries(headers), 'pipi-release': route.release })
    response.on('error', () => answer.destroy())
    response.pipe(answer)
  })
  upstream.on('error', () => (answer.headersSent ? answer.destroy() : plain(answer, 503, { 'retry-after': '1' })))
  answer.on('close', () => upstream.destroy())
  asked.on('error', () => upstream.destroy())
  asked.pipe(upstream)
}

/** WebSockets and their like: after the first exchange bytes are only passed on. */
function tunnel(route, asked, socket, head) {
  const upstream = connect(route.port, '127.0.0.1', () => {
    const headers = { ...headersFor(route, asked), connection: 'Upgrade', upgrade: asked.headers.upgrade }
    const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
    upstream.write(`${asked.method} ${pathFor(route, asked)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    upstream.write(head)
    socket.pipe(upstream).pipe(socket)
  })
  for (const [one, other] of [
    [socket, upstream],
    [upstream, socket],
  ]) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

const TEXTS = { 308: 'it is at another path', 404: 'nothing is at this path', 503: 'nothing answers yet' }

function plain(answer, status, headers = {}) {
  answer.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  answer.end(`${TEXTS[status]}\n`)
}
