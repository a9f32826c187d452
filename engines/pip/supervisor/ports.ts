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

/** Hands out ports of a range that are free, each once until it is given back. */
export class PortPool {
  readonly #range: PortRange
  readonly #host: string
  readonly #taken = new Set<number>()

  /** `host` is the address that is to be listened on. */
  constructor(range: PortRange, host = '127.0.0.1') {
    this.#range = range
    this.#host = host
  }

  /** Looks for a free one, beginning at a place that differs from name to name. */
  async take(name: string): Promise<number> {
    const { from, to } = this.#range
    const count = to - from + 1
    const start = spread(name)
    for (let step = 0; step < count; step += 1) {
      const port = from + ((start + step) % count)
      if (this.#taken.has(port)) continue
      // Taken before it is tried: others look meanwhile.
      this.#taken.add(port)
      if (await isFree(port, this.#host)) return port
      this.#taken.delete(port)
    }
    throw new PipiError('provider.failed', `No port from ${from} to ${to} is free`, {
      hint: 'Destroy a workspace on this host, or end other programs that listen there.',
    })
  }

  /** Takes a port that is known already. */
  claim(port: number): void {
    this.#taken.add(port)
  }

  give(port: number): void {
    this.#taken.delete(port)
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
