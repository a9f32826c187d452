import type { Values } from '../wire/values.ts'

/** One registration of a program, before anything exists. */
export interface PlannedResource {
  urn: string
  type: string
  name: string
  /** False for components: they cost nothing themselves. */
  custom: boolean
  /** With unknowns where a value depends on something that does not exist yet. */
  inputs: Values
}
