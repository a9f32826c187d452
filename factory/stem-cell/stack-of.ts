import type { WorkspaceRun } from '../../stacks/driver/run-stack.ts'
import { readState, type StackState } from '../../stacks/state/read.ts'
import { type Carriage, projectOf } from './carriage.ts'

/** The workspace's stack as Pulumi's state holds it right now. */
export function stateOf({ birth, order }: Carriage): Promise<StackState> {
  return readState(
    { query: (text, values) => birth.statePool.query(text, values), table: birth.stateTable },
    projectOf(order.engine),
    order.workspace.id,
  )
}

/** What every CLI call on this stack needs, under this deployment's lease. */
export function workspaceRun({ birth, order, signal }: Carriage, state: StackState): WorkspaceRun {
  return {
    project: projectOf(order.engine),
    stack: order.workspace.id,
    state,
    pulumi: birth.pulumi,
    folder: birth.folder,
    stateUrl: birth.stateUrl(order.token),
    secret: order.secret,
    signal,
  }
}
