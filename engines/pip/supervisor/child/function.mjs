// Serves one module: `node function.mjs MODULE SECONDS`, listening on PORT. Its default export takes a web Request and gives a
// Response or a promise of one. Plain JavaScript for the same reason as watch-parent.mjs.

import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'

const HEALTH = '/.well-known/pipi-health'
const LATE = Symbol('late')
const [, , path, seconds] = process.argv

const call = (await import(pathToFileURL(path).href)).default
if (typeof call !== 'function') throw new Error('The default export of the module is no function.')

const server = createServer((incoming, outgoing) => {
  answer(incoming, outgoing).catch((error) => {
    // Whoever asked has gone: nobody is told.
    if (outgoing.destroyed) return
    console.error(error)
    if (outgoing.headersSent) outgoing.destroy()
    else plain(outgoing, 500, 'The function has a fault.')
  })
})
server.listen(Number(process.env.PORT), '127.0.0.1')

async function answer(incoming, outgoing) {
  // Callers come through the gate, which always says whom it forwards for.
  if (incoming.url === HEALTH && incoming.headers['x-forwarded-for'] === undefined) return plain(outgoing, 200, 'ready')
  const over = new AbortController()
  outgoing.once('close', () => over.abort())
  let timer
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(LATE), Number(seconds) * 1000)
  })
  try {
    const called = Promise.resolve(call(requestOf(incoming, over.signal)))
    called.catch(() => undefined)
    const response = await Promise.race([called, late])
    if (response === LATE) {
      over.abort()
      return plain(outgoing, 504, `The function took longer than ${seconds} seconds.`)
    }
    if (!(response instanceof Response)) throw new Error('The function gave something that is no Response.')
    outgoing.writeHead(response.status, response.statusText, headersOf(response))
    if (response.body === null || incoming.method === 'HEAD') return outgoing.end()
    const body = Readable.fromWeb(response.body)
    // The time is for the whole call: what streams for ever is cut.
    void late.then(() => body.destroy(new Error(`The function took longer than ${seconds} seconds.`)))
    await pipeline(body, outgoing)
  } finally {
    clearTimeout(timer)
  }
}

function requestOf(incoming, signal) {
  const { method = 'GET', headers, rawHeaders } = incoming
  const sent = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2) sent.append(rawHeaders[index], rawHeaders[index + 1])
  const origin = `${headers['x-forwarded-proto'] ?? 'http'}://${headers['x-forwarded-host'] ?? headers.host ?? 'localhost'}`
  const body = method === 'GET' || method === 'HEAD' ? null : Readable.toWeb(incoming)
  // A path of two slashes must not name another host.
  const url = new URL(origin)
  const [path, ...query] = (incoming.url ?? '/').split('?')
  url.pathname = path
  if (query.length > 0) url.search = query.join('?')
  return new Request(url, { method, headers: sent, body, duplex: 'half', signal })
}

/** Each cookie is a header of its own. */
function headersOf(response) {
  const headers = [...response.headers].filter(([name]) => name !== 'set-cookie').flat()
  return [...headers, ...response.headers.getSetCookie().flatMap((cookie) => ['set-cookie', cookie])]
}

function plain(outgoing, code, text) {
  outgoing.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' })
  outgoing.end(`${text}\n`)
}
