import type { Values } from '../../contract/provider.ts'
import type { Json, SimulatedResource, World } from '../../contract/sandbox.ts'
import { encode } from '../../wire/values.ts'
import type { Host } from '../host.ts'
import type { KeptResource, Owner } from '../inventory/resources.ts'
import { seeInputs } from './assets.ts'

export interface Change {
  host: Host
  owner: Owner
  resource: SimulatedResource
  type: string
  id: string
  inputs: Values
  world: World
}

/** Changes a resource in place. A type without an update of its own takes the new inputs over into its outputs. */
export async function updateResource({
  host,
  owner,
  resource,
  type,
  id,
  inputs,
  world,
}: Change): Promise<KeptResource> {
  const old = await host.resources.get(owner, type, id)
  if (old === undefined) throw new Error(`NotFound: there is no ${type} "${id}"`)
  const seen = await seeInputs(inputs, host.bytes)
  const result = (await resource.update?.(id, seen, old, world)) ?? { outputs: { ...old.outputs, ...seen } }
  const serving = result.serve ?? old.serving
  const address = serving === undefined ? {} : await host.servings.open(old, serving)
  const changed: KeptResource = {
    ...old,
    wire: encode(inputs) as Json,
    inputs: seen,
    outputs: { ...result.outputs, ...address },
    serving,
  }
  await host.resources.change(old.seq, changed)
  return changed
}
