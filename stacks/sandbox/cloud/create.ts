import type { Values } from '../../contract/provider.ts'
import type { Json, SimulatedResource, World } from '../../contract/sandbox.ts'
import { encode } from '../../wire/values.ts'
import type { Host } from '../host.ts'
import type { KeptResource, NewResource, Owner } from '../inventory/resources.ts'
import { seeInputs } from './assets.ts'

export interface Creation {
  host: Host
  owner: Owner
  resource: SimulatedResource
  type: string
  urn: string
  inputs: Values
  world: World
}

/** Makes a resource: the type decides what it looks like, the database whether its id and name are free. */
export async function createResource({
  host,
  owner,
  resource,
  type,
  urn,
  inputs,
  world,
}: Creation): Promise<KeptResource> {
  const seen = await seeInputs(inputs, host.bytes)
  const unique = resource.unique?.(seen)
  const { id, outputs, serve } = await resource.create(seen, world)
  if (serve !== undefined) await host.servings.expectArtifact(serve)
  const one: NewResource = {
    ...owner,
    type,
    id,
    urn,
    uniqueName: unique?.name,
    wire: encode(inputs) as Json,
    inputs: seen,
    outputs,
    serving: serve,
    createdAt: host.clock.now(),
  }
  const seq = (await host.resources.add(one)) ?? (resource.overwrites === true ? await takePlace(host, one) : undefined)
  if (seq === undefined) throw new Error(unique?.taken ?? `AlreadyExists: there is a ${type} "${id}" already`)
  const made: KeptResource = { ...one, seq, usage: {} }
  if (serve === undefined) return made
  const served = { ...made, outputs: { ...outputs, ...(await host.servings.open(made, serve)) } }
  await host.resources.change(seq, served)
  return served
}

/** What lives under the id goes, and the new one stands in its place. */
async function takePlace(host: Host, one: NewResource): Promise<number | undefined> {
  const old = await host.resources.get(one, one.type, one.id)
  if (old !== undefined) await host.resources.remove(old.seq, one.createdAt)
  return host.resources.add(one)
}
