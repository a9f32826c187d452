import { spawn } from 'node:child_process'
import http from 'node:http'
import net from 'node:net'
import type { HandlerRequest, HandlerResponse } from '../../../stacks/contract/sandbox.ts'

export type Handle = (request: HandlerRequest) => Promise<HandlerResponse>

export interface ServedProcess {
  file: string
  args: string[]
  cwd: string
  /** `PORT` is added: one of this machine's. */
  environment: Readonly<Record<string, string | undefined>>
  /** A path that has to answer well (200 to 399) before the first request is passed on; left out: the port is open. */
  health?: string
  /** Milliseconds that it has for becoming ready. */
  withinMs: number
  /** The platform's words for one that did not become ready. */
  broken(port: number): string
}

const LOOK_MS = 20

/**
 * Starts a program that listens on `PORT`, for an adapter, and passes requests on to it. When it ends later on, so does
 * the adapter's process, and the next request starts both anew.
 */
export async function serveProcess(served: ServedProcess): Promise<Handle> {
  const port = await freePort()
  const child = spawn(served.file, served.args, {
    cwd: served.cwd,
    env: { ...served.environment, PORT: String(port) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  child.once('exit', (code, signal) => {
    failure = `it ended with ${signal ?? code}`
  })
  const until = Date.now() + served.withinMs
  while (!(await isReady(port, served.health))) {
    if (failure === undefined && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    else throw new Error(`${served.broken(port)}${failure === undefined ? '' : ` (${failure})`}`)
  }
  child.once('exit', () => process.exit(1))
  if (failure !== undefined) throw new Error(`${served.broken(port)} (${failure})`)
  return (request) => forward(port, request)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

async function isReady(port: number, health: string | undefined): Promise<boolean> {
  if (health === undefined) return accepts(port)
  const asked = { method: 'GET', path: health, query: '', headers: {}, body: new Uint8Array() }
  return forward(port, asked).then(
    ({ status }) => status >= 200 && status < 400,
    () => false,
  )
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function forward(port: number, { method, path, query, headers, body }: HandlerRequest): Promise<HandlerResponse> {
  return new Promise((resolve, reject) => {
    const { 'content-length': _length, 'transfer-encoding': _coding, connection: _connection, ...passed } = headers
    const target = query === '' ? path : `${path}?${query}`
    const outgoing = http.request({ host: '127.0.0.1', port, method, path: target, headers: passed }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.once('error', reject)
      incoming.once('end', () => {
        const { connection: _closed, 'keep-alive': _kept, 'transfer-encoding': _chunked, ...rest } = incoming.headers
        resolve({
          status: incoming.statusCode ?? 502,
          headers: rest as HandlerResponse['headers'],
          body: Buffer.concat(chunks),
        })
      })
    })
    outgoing.once('error', reject)
    outgoing.end(Buffer.from(body))
  })
}
