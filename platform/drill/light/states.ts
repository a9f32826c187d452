import type { Birth } from '../../../factory/contract/stem-cell.ts'
import { stateKey } from '../../../stacks/state/read.ts'
import { encode, type Values } from '../../../stacks/wire/values.ts'

/** One resource as a checkpoint holds it. */
export interface HeldResource {
  urn: string
  type: string
  custom: boolean
  id: string
  inputs: Values
  outputs: Values
}

/**
 * The stacks' states of a drill, in memory and in the form of Pulumi's checkpoints: read as the engines read theirs, by
 * `stacks/state/read.ts`.
 */
export class States {
  readonly #stacks = new Map<string, HeldResource[]>()

  /** What a stack holds, in the order in which it was made; changed in place by whoever works on it. */
  of(project: string, stack: string): HeldResource[] {
    const key = stateKey(project, stack)
    const known = this.#stacks.get(key)
    if (known !== undefined) return known
    const made: HeldResource[] = []
    this.#stacks.set(key, made)
    return made
  }

  /** Nothing is left of it, and nobody will come back. */
  forget(project: string, stack: string): void {
    this.#stacks.delete(stateKey(project, stack))
  }

  /** As a clone's connection to the state table answers. */
  readonly pool: Birth['statePool'] = {
    query: async (_text, [key]) => {
      const held = this.#stacks.get(String(key))
      return { rows: held === undefined ? [] : [{ data: checkpointOf(held), locked: false }] }
    },
  }
}

function checkpointOf(held: readonly HeldResource[]): unknown {
  const resources = held.map(({ inputs, outputs, ...each }) => ({
    ...each,
    inputs: encode(inputs),
    outputs: encode(outputs),
  }))
  return { checkpoint: { latest: { resources } } }
}
