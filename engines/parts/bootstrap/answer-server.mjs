// Starts the Node server in app/ on a local port and forwards requests to it. Travels into functions as it is.
import { readFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const READY_MS = 8000
// Headers that concern one connection only must not be passed on (RFC 9110, 7.6.1).
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
let starting

/** @param {{ method: string, path: string, query: string, headers: Record<string, string>, body: Uint8Array }} request */
export async function answer(request) {
  starting ??= start()
  const port = await starting.catch((error) => {
    starting = undefined
    throw error
  })
  return forward(port, request)
}

async function start() {
  const { main } = JSON.parse(readFileSync(join(import.meta.dirname, 'pipi.json'), 'utf8'))
  const folder = join(import.meta.dirname, 'app')
  const port = await freePort()
  process.env.PORT = String(port)
  process.env.HOST ??= '127.0.0.1'
  process.chdir(folder)
  await import(pathToFileURL(join(folder, main)).href)
  await listening(port)
  return port
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

async function listening(port) {
  const until = Date.now() + READY_MS
  for (;;) {
    if (await accepts(port)) return
    if (Date.now() > until) throw new Error(`the server did not listen on PORT ${port} within ${READY_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => resolve(true) || socket.destroy())
    socket.once('error', () => resolve(false))
  })
}

function forward(port, request) {
  return new Promise((resolve, reject) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !HOP.has(name) && name !== 'content-length'),
    )
    if (request.body.length > 0) headers['content-length'] = String(request.body.length)
    const path = request.path + (request.query === '' ? '' : `?${request.query}`)
    const outgoing = http.request(
      { host: '127.0.0.1', port, method: request.method, path, headers, agent },
      (incoming) => {
        const chunks = []
        incoming.on('data', (chunk) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const answered = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !HOP.has(name)))
          resolve({ status: incoming.statusCode ?? 502, headers: answered, body: Buffer.concat(chunks) })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(request.body)
  })
}
