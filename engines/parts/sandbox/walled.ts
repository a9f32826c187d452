import type { Json, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'

/** What a platform is asked to do, before it does it. */
export interface Asked {
  operation: 'create' | 'update'
  type: string
  inputs: Json
  /** Of what is updated. */
  id?: string
}

/** A platform's own wall: throws in the platform's words for what an owner has forbidden. */
export type Wall = (asked: Asked, world: World) => Promise<void>

/** Simulated resources behind a wall: it is asked before anything is made or changed, whoever asks. */
export function walled(resources: Record<string, SimulatedResource>, wall: Wall): Record<string, SimulatedResource> {
  return Object.fromEntries(
    Object.entries(resources).map(([type, resource]) => [type, { ...resource, ...behind(type, resource, wall) }]),
  )
}

function behind(type: string, resource: SimulatedResource, wall: Wall): Pick<SimulatedResource, 'create' | 'update'> {
  return {
    async create(inputs, world) {
      await wall({ operation: 'create', type, inputs }, world)
      return resource.create(inputs, world)
    },
    async update(id, inputs, old, world) {
      await wall({ operation: 'update', type, inputs, id }, world)
      return (await resource.update?.(id, inputs, old, world)) ?? { outputs: { ...old.outputs, ...inputs } }
    },
  }
}
