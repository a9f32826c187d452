import { Stack } from '@pulumi/pulumi/automation/index.js'
import { openWorkspace, type WorkspaceRun } from './run-stack.ts'

/**
 * Makes the empty stack of a workspace that is deployed for the first time. It takes a CLI of its own, and can go on
 * beside the build, which takes longer.
 */
export async function createStack(run: WorkspaceRun): Promise<void> {
  if (run.state.exists) return
  await Stack.create(run.stack, await openWorkspace(run))
}
