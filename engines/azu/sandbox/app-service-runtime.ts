import { spawn } from 'node:child_process'
import http from 'node:http'
import net from 'node:net'
import type { HandlerRequest, HandlerResponse, Json } from '../../../stacks/contract/sandbox.ts'

const READY_MS = 20_000

/** An App Service container: runs the start command in the unpacked zip with `PORT`, and passes requests on to it. */
export default async function appService(
  folder: string,
  options: Json,
): Promise<(request: HandlerRequest) => Promise<HandlerResponse>> {
  const [program = '', ...args] = String(options.command).split(' ')
  if (program !== 'node') throw new Error(`a Node container has no "${program}"`)
  const port = await freePort()
  const server = spawn(process.execPath, args, {
    cwd: folder,
    // The world outside of a simulated container is this machine.
    env: { ...process.env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  let ended = false
  server.once('exit', () => {
    ended = true
  })
  const until = Date.now() + READY_MS
  while (!(await accepts(port))) {
    if (ended || Date.now() > until)
      throw new Error(`Container didn't respond to HTTP pings on port: ${port}, failing site start.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
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
