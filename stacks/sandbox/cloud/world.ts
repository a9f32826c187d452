import type { World } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { Owner } from '../inventory/resources.ts'
import { SLOT_MS } from '../inventory/usage.ts'
import { hexSource } from '../seed.ts'

/** What a resource type sees of its cloud. The ids it draws follow from the seed and the label. */
export function worldOf(host: Host, owner: Owner, region: string, label: string, user?: string): World {
  return {
    cloudAccount: owner.cloudAccount,
    ...(user === undefined ? {} : { user }),
    region,
    api: host.servings.api,
    now: () => host.clock.now(),
    hex: hexSource(host.seed, label),
    list: (type) => host.resources.living(owner, type),
    async metered() {
      await host.usage.flush()
      return meteredOf(host, owner)
    },
    records: (type, id) => host.records.of(owner, type, id),
    async count(one, traffic) {
      const found = await host.resources.get(owner, one.type, one.id)
      if (found !== undefined) host.usage.add(found.seq, traffic)
    },
    async stores(one, bytes) {
      const found = await host.resources.get(owner, one.type, one.id)
      if (found !== undefined) await host.stored.say(found.seq, bytes)
    },
    keep: (bytes) => host.bytes.keep(bytes),
    kept: (digest) => host.bytes.kept(digest),
  }
}

type Metered = ReturnType<World['metered']>
const looked = new WeakMap<Host, Map<string, { state: string; metered: Metered }>>()

/** Who watches asks many questions in a row: as long as nothing has changed they have one answer. */
function meteredOf(host: Host, owner: Owner): Metered {
  const now = host.clock.now()
  const [from, seenBy] = [monthStart(now), now - host.staleness.of(owner.engine)]
  const state = [from, Math.floor(seenBy / SLOT_MS), host.resources.version, host.usage.version].join(' ')
  const known = looked.get(host) ?? new Map<string, { state: string; metered: Metered }>()
  looked.set(host, known)
  const key = `${owner.engine} ${owner.cloudAccount}`
  const before = known.get(key)
  if (before?.state === state) return before.metered
  const metered = host.resources.metered(owner, from, seenBy)
  known.set(key, { state, metered })
  metered.catch(() => known.delete(key))
  return metered
}

function monthStart(now: number): number {
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
