import type { SimulatedResource, World } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import type { Owner } from '../inventory/resources.ts'

export interface Removal {
  host: Host
  owner: Owner
  /** Absent when somebody deletes it behind Pulumi's back: then nothing is asked. */
  resource?: SimulatedResource
  type: string
  id: string
  world: World
}

/** Deletes a resource and stops what it serves. What is gone already is no error, as at every platform. */
export async function removeResource({ host, owner, resource, type, id, world }: Removal): Promise<void> {
  const stored = await host.resources.get(owner, type, id)
  if (stored === undefined) return
  await resource?.delete?.(stored, world)
  await host.usage.flush()
  await host.resources.remove(stored.seq, host.clock.now())
  await host.servings.close(stored.seq)
  await host.records.forget(owner, type, id)
}
