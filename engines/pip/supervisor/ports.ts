import { once } from 'node:events'
import { createServer } from 'node:net'
import { PipiError } from '../../../catalog/errors.ts'

/** Public ports: below those that systems hand out to outgoing connections, so that a port is free again after a restart. */
export interface PortRange {
  from: number
  to: number
}

export const PORTS: PortRange = { from: 20_000, to: 29_999 }

/** The first free port of a range, beginning at a place that differs from name to name. */
export async function choosePort(name: string, taken: ReadonlySet<number>, range: PortRange): Promise<number> {
  const count = range.to - range.from + 1
  const start = spread(name)
  for (let step = 0; step < count; step += 1) {
    const port = range.from + ((start + step) % count)
    if (!taken.has(port) && (await isFree(port))) return port
  }
  throw new PipiError('provider.failed', `No port from ${range.from} to ${range.to} is free`, {
    hint: 'Destroy a workspace on this host, or end other programs that listen there.',
  })
}

/** A port for the gate's own use, chosen by the system. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string')
    throw new PipiError('platform.internal', 'A loopback port has no number')
  return address.port
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  // Somebody who listens on all addresses has it too.
  server.listen({ port, host: '127.0.0.1', exclusive: true })
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
