import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gate, openGate } from '../../../../engines/pip/supervisor/gate.ts'
import { freePort } from '../../../helpers/free-port.ts'
import { waitFor } from '../../../helpers/wait-for.ts'

const PATIENT = new AbortController().signal

describe('the public side of a process', () => {
  let gate: Gate
  let old: Backend
  let fresh: Backend
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const asked = request({ host: '127.0.0.1', port: gate.port, path, headers, method, agent }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return { response, body: await text(response), socket: asked.socket as Socket }
  }

  beforeAll(async () => {
    old = await backend('old')
    fresh = await backend('fresh')
    gate = await openGate(await freePort())
    gate.lead(old.port)
  })
  afterAll(async () => {
    agent.destroy()
    await gate.close()
    for (const { server } of [old, fresh]) {
      server.closeAllConnections()
      server.close()
    }
  })

  it('tells a process who asked, by which name and how, and adds to what a proxy on this host says', async () => {
    const { host, ...plain } = JSON.parse((await ask('/headers', { host: 'lab.example' })).body)
    expect(host).toBe('lab.example')
    expect(plain).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'lab.example',
      'x-forwarded-proto': 'http',
    })
    const behind = { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example' }
    expect(JSON.parse((await ask('/headers', behind)).body)).toMatchObject({
      ...behind,
      'x-forwarded-for': '192.0.2.7, 127.0.0.1',
    })
  })

  it('passes on no header that concerns one connection, in either direction, and keeps its own connection open', async () => {
    const first = await ask('/headers', {
      te: 'trailers',
      'proxy-authorization': 'Basic x',
      connection: 'x-mine, keep-alive',
      'x-mine': '1',
    })
    const seen = JSON.parse(first.body)
    for (const name of ['te', 'proxy-authorization', 'x-mine', 'keep-alive'])
      expect(seen, name).not.toHaveProperty(name)
    const second = await ask('/closing')
    expect(second.response.headers.connection).toBe('keep-alive')
    expect(second.response.headers).not.toHaveProperty('x-only-here')
    expect((await ask('/headers')).socket).toBe(first.socket)
  })

  it('streams large bodies both ways without gathering them', async () => {
    const bytes = 24 * 1024 ** 2
    const asked = request({ host: '127.0.0.1', port: gate.port, path: '/mirror', method: 'POST', agent: false })
    Readable.from(pieces(bytes)).pipe(asked)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const digest = createHash('sha256')
    for await (const piece of response) digest.update(piece as Buffer)
    const wanted = createHash('sha256')
    for (const piece of pieces(bytes)) wanted.update(piece)
    expect(digest.digest('hex')).toBe(wanted.digest('hex'))
  })

  it('hands on each event as it is sent, and the head before the first', async () => {
    const asked = request({ host: '127.0.0.1', port: gate.port, path: '/events', agent: false }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect(response.headers['content-type']).toBe('text/event-stream')
    for (const event of ['one', 'two']) {
      old.events.write(`data: ${event}\n\n`)
      expect(String((await once(response, 'data'))[0])).toBe(`data: ${event}\n\n`)
    }
    asked.destroy()
  })

  it('lets the new one answer at once, and the old one finish: requests, events and tunnels', async () => {
    const slow = ask2(gate.port, '/slow')
    const tunnel = await tunnelTo(gate.port)
    await waitFor('the old one to be asked', () => old.slow.length === 1)
    gate.lead(fresh.port)
    let drained = false
    const draining = gate.drained(old.port, PATIENT).then(() => {
      drained = true
    })
    expect((await ask('/name')).body).toBe('fresh')
    tunnel.write('ping')
    expect(String((await once(tunnel, 'data'))[0])).toBe('old: ping')
    old.slow[0]?.end('late')
    expect(await slow).toBe('late')
    expect(drained).toBe(false)
    tunnel.destroy()
    await draining
  })

  it('cuts what still goes on when the patience is over', async () => {
    gate.lead(old.port)
    const tunnel = await tunnelTo(gate.port)
    const closed = once(tunnel, 'close')
    gate.lead(fresh.port)
    await gate.drained(old.port, AbortSignal.timeout(50))
    await closed
    expect((await ask('/name')).body).toBe('fresh')
  })

  it('answers 503 when nothing runs, and when what should run does not listen', async () => {
    gate.lead(undefined)
    expect((await ask('/name')).response.statusCode).toBe(503)
    gate.lead(await freePort())
    expect((await ask('/name')).response.statusCode).toBe(503)
    gate.lead(fresh.port)
  })
})

interface Backend {
  server: Server
  port: number
  slow: ServerResponse[]
  events: PassThrough
}

async function backend(name: string): Promise<Backend> {
  const slow: ServerResponse[] = []
  const events = new PassThrough()
  const server = createServer((asked, answer) => {
    if (asked.url === '/headers') return answer.end(JSON.stringify(asked.headers))
    if (asked.url === '/mirror') return asked.pipe(answer)
    if (asked.url === '/slow') return slow.push(answer)
    if (asked.url === '/closing')
      return answer.writeHead(200, { connection: 'close, x-only-here', 'x-only-here': '1' }).end('x')
    if (asked.url === '/events') {
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      return events.pipe(answer)
    }
    return answer.end(name)
  })
  server.on('upgrade', (_, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.on('data', (bytes) => socket.write(`${name}: ${bytes}`)).on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port, slow, events }
}

async function ask2(port: number, path: string): Promise<string> {
  const [response] = await once(request({ host: '127.0.0.1', port, path, agent: false }).end(), 'response')
  return text(response)
}

async function tunnelTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  const [head] = await once(socket, 'data')
  expect(String(head)).toMatch(/^HTTP\/1.1 101/)
  return socket
}

function* pieces(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024)
  for (let at = 0; at < bytes; at += piece.length) {
    piece.writeUInt32LE(at, 0)
    yield Buffer.from(piece)
  }
}
