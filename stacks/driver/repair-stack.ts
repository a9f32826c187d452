import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reapProcesses } from '../recovery/reap.ts'
import { openWorkspace, runCli, type WorkspaceRun } from './run-stack.ts'

/**
 * Makes a stack that a dead holder left usable again: its processes are ended, its lock (which never expires) is taken
 * away, and what it had under way is struck from the state, since what became of it is decided from our intents and
 * the platform, never by Pulumi, which would create it a second time.
 */
export async function repairStack(run: WorkspaceRun): Promise<{ ended: number[]; cleared: number }> {
  const ended = await reapProcesses(run.stack)
  if (!run.state.exists) return { ended, cleared: 0 }
  await openWorkspace(run)
  if (run.state.locked) await runCli(run, ['cancel', '--yes', '--stack', run.stack])
  const halfReplaced = run.state.resources.some((resource) => resource.pendingReplacement)
  if (run.state.pending.length === 0 && !halfReplaced) return { ended, cleared: 0 }
  await strikePending(run)
  return { ended, cleared: run.state.pending.length }
}

/** By a file of this clone's, and with secrets closed: the Automation API would write them in clear to a shared folder. */
async function strikePending(run: WorkspaceRun): Promise<void> {
  const file = join(run.folder, 'stacks', run.stack, 'exported.json')
  try {
    await runCli(run, ['stack', 'export', '--file', file, '--stack', run.stack])
    const exported = JSON.parse(await readFile(file, 'utf8')) as {
      deployment: { resources?: Record<string, unknown>[] }
    }
    const deployment = {
      ...exported.deployment,
      // Beside one of these Pulumi imports nothing. Taken for alive it is replaced by what is found, or once more.
      resources: exported.deployment.resources?.map(({ pendingReplacement: _, ...resource }) => resource),
      pending_operations: [],
    }
    await writeFile(file, JSON.stringify({ ...exported, deployment }))
    await runCli(run, ['stack', 'import', '--file', file, '--stack', run.stack])
  } finally {
    await rm(file, { force: true })
  }
}
