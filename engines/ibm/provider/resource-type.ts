import type { z } from 'zod'
import type { Values } from '../../../stacks/contract/provider.ts'
import type { IbmCloud } from './cloud.ts'

/** How one kind of resource is made, found, changed and removed. Inputs arrive checked, with secrets opened. */
export interface ResourceType<I extends z.ZodObject = z.ZodObject> {
  inputs: I
  /** Inputs whose change makes another one. */
  replaces: readonly string[]
  /** Inputs that say where something lies on this machine: no change by themselves. */
  local?: readonly string[]
  /** Outputs beside the inputs, which a preview does not know. */
  gives: readonly string[]
  /** Milliseconds after which any one operation has given up; the engine's deadlines are a minute longer. */
  withinMs: number
  /** Makes one that is not there; once it exists, what fails is a `PartialFailure`. */
  create(inputs: z.output<I>, cloud: IbmCloud, urn: string): Promise<{ id: string; outputs: Values }>
  /**
   * `id` as create gave it, or as a look-up names it. `known` are the inputs that it is known to have, for what the
   * platform does not tell.
   */
  read(id: string, cloud: IbmCloud, known: Values | undefined): Promise<Read | undefined>
  /** Missing: every change makes another one. */
  update?(id: string, inputs: z.output<I>, cloud: IbmCloud, urn: string): Promise<Values>
  /** Returns once it is gone; that it was gone already is fine. */
  remove(id: string, cloud: IbmCloud, urn: string): Promise<void>
}

export interface Read {
  id: string
  inputs: Values
  outputs: Values
}

/** Keeps the types of one resource together while they are written down. */
export function resourceType<I extends z.ZodObject>(type: ResourceType<I>): ResourceType {
  return type as unknown as ResourceType
}
