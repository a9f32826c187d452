import type { ApiWorld, Json, SimulatedCloud, StoredResource } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { Owner } from '../inventory/resources.ts'
import { operationsOf } from './operations.ts'
import { worldOf } from './world.ts'

/** What a cloud's own HTTP API sees and does: its resource types are made as a provider would make them. */
export function apiWorldOf(cloud: SimulatedCloud, host: Host, owner: Owner, label: string): ApiWorld {
  const operations = operationsOf(cloud, host, { owner, user: undefined, region: '', token: undefined })
  const stored = async (type: string, id: string): Promise<StoredResource> => {
    const found = await host.resources.get(owner, type, id)
    if (found === undefined) throw new Error(`NotFound: there is no ${type} "${id}"`)
    return found
  }
  return {
    ...worldOf(host, owner, '', label),
    async make(type, inputs, urn = '') {
      const checked = await operations.check(type, inputs, undefined, urn)
      const [failure] = checked.failures
      if (failure !== undefined) throw new Error(failure.reason)
      const { id } = await operations.create(type, checked.inputs, urn, false)
      return stored(type, id)
    },
    async change(type, id, inputs: Json) {
      const { urn, inputs: old } = await stored(type, id)
      await operations.update(type, id, old, inputs, urn, false)
      return stored(type, id)
    },
    async remove(type, id) {
      await operations.delete(type, id, {}, '')
    },
  }
}
