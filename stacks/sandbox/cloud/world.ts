import type { World } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { Owner } from '../inventory/resources.ts'
import { hexSource } from '../seed.ts'

/** What a resource type sees of its cloud. The ids it draws follow from the seed and the label. */
export function worldOf(host: Host, owner: Owner, region: string, label: string, user?: string): World {
  return {
    cloudAccount: owner.cloudAccount,
    ...(user === undefined ? {} : { user }),
    region,
    now: () => host.clock.now(),
    hex: hexSource(host.seed, label),
    list: (type) => host.resources.living(owner, type),
    async metered() {
      await host.usage.flush()
      const now = host.clock.now()
      return host.resources.metered(owner, monthStart(now), now - host.staleness.of(owner.engine))
    },
    keep: (bytes) => host.bytes.keep(bytes),
    kept: (digest) => host.bytes.kept(digest),
  }
}

function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
