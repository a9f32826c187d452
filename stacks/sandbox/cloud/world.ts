import type { World } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { Owner } from '../inventory/resources.ts'
import { hexSource } from '../seed.ts'

/** What a resource type sees of its cloud. The ids it draws follow from the seed and the label. */
export function worldOf(host: Host, owner: Owner, region: string, label: string): World {
  return {
    cloudAccount: owner.cloudAccount,
    region,
    now: () => host.clock.now(),
    hex: hexSource(host.seed, label),
    list: (type) => host.resources.living(owner, type),
    keep: (bytes) => host.bytes.keep(bytes),
    kept: (digest) => host.bytes.kept(digest),
  }
}
