import type { Place } from '../supervisor/place.ts'
import type { ListedHost } from './schema.ts'

/** How a listed host is reached by people: by its own name, and nowhere but here where that name is this machine's own. */
export function placeOf(host: ListedHost): Place {
  const address = host.address ?? ('ssh' in host ? host.ssh.host : '127.0.0.1')
  return {
    address,
    listen: host.listen ?? (isLoopback(address) ? '127.0.0.1' : '0.0.0.0'),
    ports: host.limits.ports,
    caddy: host.caddy,
  }
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address)
}
