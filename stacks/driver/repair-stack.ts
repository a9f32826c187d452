import { Stack } from '@pulumi/pulumi/automation/index.js'
import { reapProcesses } from '../recovery/reap.ts'
import { openWorkspace, type WorkspaceRun } from './run-stack.ts'

/**
 * Makes a stack that a dead holder left usable again: its processes are ended, its lock (which never expires) is taken
 * away, and operations it had under way are struck from the state, since what became of them is decided from our
 * intents and the platform, never by Pulumi, which would create them a second time.
 */
export async function repairStack(run: WorkspaceRun): Promise<{ ended: number[]; cleared: number }> {
  const ended = await reapProcesses(run.stack)
  if (!run.state.exists) return { ended, cleared: 0 }
  const workspace = await openWorkspace(run)
  const stack = await Stack.select(run.stack, workspace)
  if (run.state.locked) await stack.cancel()
  if (run.state.pending.length === 0) return { ended, cleared: 0 }
  const exported = await stack.exportStack()
  await stack.importStack({ ...exported, deployment: { ...exported.deployment, pending_operations: [] } })
  return { ended, cleared: run.state.pending.length }
}
