import type { CheckFailure, Values } from '../../../stacks/contract/provider.ts'

/** One resource type of hosts. */
export interface Kind {
  check(inputs: Values): { inputs: Values; failures: CheckFailure[] }
  diff(old: Values, now: Values): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean }
  /** Makes it, or changes it in place. */
  set(inputs: Values): Promise<{ id: string; outputs: Values }>
  /** `id`: of what is there already. */
  preview(inputs: Values, id: string | undefined): Promise<Values>
  /** `inputs` and `state` as a refresh holds them, for what stands nowhere else. */
  read(
    id: string,
    inputs: Values | undefined,
    state: Values | undefined,
  ): Promise<{ id: string; inputs: Values; outputs: Values } | undefined>
  delete(id: string): Promise<void>
}
