import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** The public side of a process: a port that stays, while what answers behind it comes and goes. */
export interface Gate {
  port: number
  /** From now on new connections go there; undefined: nothing runs, and callers are told so. */
  lead(to: number | undefined): void
  /** Resolves when no connection to `port` is left, or after the grace. */
  drained(port: number, graceMs: number): Promise<void>
  close(): Promise<void>
}

const NOTHING = [
  'HTTP/1.1 503 Service Unavailable',
  'Content-Type: text/plain; charset=utf-8',
  'Retry-After: 1',
  'Content-Length: 28',
  'Connection: close',
  '',
  'This process is not running.',
].join('\r\n')

/** Opens a gate on a loopback port. Throws when the port is taken. */
export async function openGate(port: number): Promise<Gate> {
  let target: number | undefined
  const pairs = new Map<Socket, number>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', () => client.destroy())
    if (target === undefined) {
      client.end(NOTHING)
      client.resume()
      return
    }
    pairs.set(client, target)
    client.on('close', () => pairs.delete(client))
    join(client, connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }))
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
      while ([...pairs.values()].includes(from) && performance.now() < patience) await delay(20)
    },
    async close() {
      server.close()
      for (const client of pairs.keys()) client.destroy()
      await once(server, 'close')
    },
  }
}

function join(client: Socket, upstream: Socket): void {
  let connected = false
  upstream.on('connect', () => {
    connected = true
  })
  upstream.on('error', () => {
    if (!connected && client.writable) client.end(NOTHING)
    else client.destroy()
  })
  upstream.on('close', () => client.destroySoon())
  client.on('close', () => upstream.destroy())
  client.pipe(upstream)
  upstream.pipe(client)
}
