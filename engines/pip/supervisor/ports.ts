import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { PipiError } from '../../../catalog/errors.ts'

/** Both ends included. */
export interface PortRange {
  from: number
  to: number
}

/** Where people reach a process. Below what systems hand out to outgoing connections, so that a port is free again after a restart. */
export const PUBLIC_PORTS: PortRange = { from: 20_000, to: 29_999 }
/** Where a process listens, behind its gate. */
export const INNER_PORTS: PortRange = { from: 30_000, to: 32_700 }

/**
 * Hands out ports of a range that are free, each once until it is given back. Who gets one listens there later on, and
 * until then another supervisor of this machine must not find it free: it is marked, with something that goes with us
 * however we end. (Else both would start a program there, and one of the two would ask the other's for its health.)
 */
export class PortPool {
  readonly #range: PortRange
  readonly #host: string
  readonly #whose: string
  /** With their marks; those that were known already have none. */
  readonly #taken = new Map<number, Socket | undefined>()

  /**
   * `host` is the address that is to be listened on. `whose`: another's begins to look elsewhere, so that what has the same
   * name there does not get a port that is ours again when we come back.
   */
  constructor(range: PortRange, host = '127.0.0.1', whose = '') {
    this.#range = range
    this.#host = host
    this.#whose = whose
  }

  /** Looks for a free one, beginning at a place that differs from name to name. */
  async take(name: string): Promise<number> {
    const { from, to } = this.#range
    const count = to - from + 1
    const start = spread(`${this.#whose}/${name}`)
    for (let step = 0; step < count; step += 1) {
      const port = from + ((start + step) % count)
      if (this.#taken.has(port)) continue
      // Taken before it is tried: others look meanwhile.
      this.#taken.set(port, undefined)
      const mark = await markOf(port)
      if (mark !== undefined && (await isFree(port, this.#host))) {
        this.#taken.set(port, mark)
        return port
      }
      mark?.close()
      this.#taken.delete(port)
    }
    throw new PipiError('provider.failed', `No port from ${from} to ${to} is free`, {
      hint: 'Destroy a workspace on this host, or end other programs that listen there.',
    })
  }

  /** Takes a port that is known already. */
  claim(port: number): void {
    if (!this.#taken.has(port)) this.#taken.set(port, undefined)
  }

  give(port: number): void {
    this.#taken.get(port)?.close()
    this.#taken.delete(port)
  }

  /** Gives all back. */
  close(): void {
    for (const port of this.#taken.keys()) this.give(port)
  }
}

/** The same number of UDP, which nobody uses beside it: bound, it is nobody else's. Undefined: it is somebody else's. */
async function markOf(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4').unref()
  socket.bind({ port, address: '127.0.0.1', exclusive: true })
  try {
    await once(socket, 'listening')
    return socket
  } catch {
    socket.close()
    return undefined
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer()
  server.listen({ port, host, exclusive: true })
  try {
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}

/** FNV-1a. */
function spread(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  return hash
}
