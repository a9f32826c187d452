import type { Json, World } from '../../../stacks/contract/sandbox.ts'

/** A new thing with an id as the platform gives them. */
export function made(
  kind: string,
  inputs: Json,
  world: World,
  more: Json = { state: 'AVAILABLE' },
): { id: string; outputs: Json } {
  return {
    id: `ocid1.${kind}.oc1.${world.region}.${world.hex(60)}`,
    outputs: { ...inputs, timeCreated: new Date(world.now()).toISOString(), ...more },
  }
}
