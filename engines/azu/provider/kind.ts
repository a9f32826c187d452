import type { z } from 'zod'
import type { Values } from '../../../stacks/contract/provider.ts'
import type { Azure } from './azure.ts'

/** One resource type of our own provider. Inputs arrive without secret marks, checked by `inputs`. */
export interface Kind<I = Values> {
  inputs: z.ZodType<I>
  /** Inputs whose change makes it another one. */
  replaceOn: readonly string[]
  /** Outputs that are secrets. */
  secrets: readonly string[]
  idOf(inputs: I, azure: Azure): string
  /** Makes it, or makes what is there what it should be: done twice it is the same. Gives the outputs beside the inputs. */
  put(inputs: I, azure: Azure): Promise<Values>
  /** Undefined: it is not there. `known`: the inputs it was made with; `state`: its outputs, as a refresh holds them. */
  find(
    id: string,
    azure: Azure,
    known: Values | undefined,
    state: Values | undefined,
  ): Promise<{ inputs: Values; outputs: Values } | undefined>
}

/** Names in an id that this provider gives: group, name of what it belongs to. */
export function namesIn(id: string): { group: string; name: string } {
  const [, group = '', name = ''] = /\/resourceGroups\/([^/]+)\/providers\/[^/]+\/[^/]+\/([^/]+)\/[^/]+$/.exec(id) ?? []
  return { group, name }
}
