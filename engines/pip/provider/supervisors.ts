import { PipiError } from '../../../catalog/errors.ts'
import { SupervisorClient } from './supervisor-client.ts'

/** The supervisors of all hosts of a platform, by host. */
export interface Supervisors {
  /** Throws `platform.unreachable` for a host that is not in the list. */
  of(host: string): SupervisorClient
}

/** `addresses` as their companions printed them. */
export function openSupervisors(addresses: Readonly<Record<string, string>>): Supervisors {
  const clients = new Map(Object.entries(addresses).map(([host, address]) => [host, new SupervisorClient(address)]))
  return {
    of(host) {
      const client = clients.get(host)
      if (client !== undefined) return client
      const there = [...clients.keys()].join(', ') || 'none'
      throw new PipiError('platform.unreachable', `the platform knows no host "${host}": there are ${there}`, {
        hint: 'Each host of hosts.yaml has a supervisor, which the platform reaches when it starts: put it back in the list, and start ./pipi serve again.',
      })
    },
  }
}
