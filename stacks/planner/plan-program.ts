import { PipiError } from '../../catalog/errors.ts'
import { listenAsEngine } from './engine.ts'
import { listenAsMonitor } from './monitor.ts'
import type { PlannedResource } from './planned.ts'
import { runProgram } from './run-program.ts'

export interface PlanTarget {
  project: string
  stack: string
  program: () => Promise<unknown>
  /** Ids and outputs that the stack holds already, by URN: what is known of them is known to the program. */
  known?: ReadonlyMap<string, { id: string; outputs: Record<string, unknown> }>
}

/**
 * What a program wants, without a CLI: it is run as for a preview, against a resource monitor of ours that writes down
 * each registration and answers that nothing is known yet. Milliseconds instead of half a second, and no provider is
 * called. A resource that only appears inside an `apply` of an unknown value is not in the plan; the guard refuses it.
 */
export async function planProgram(target: PlanTarget): Promise<PlannedResource[]> {
  const planned: PlannedResource[] = []
  const messages: string[] = []
  const { project, stack, program } = target
  try {
    const [monitor, engine] = [listenAsMonitor(target, planned), listenAsEngine(messages)]
    await runProgram({ project, stack, program, dryRun: true, monitor, engine })
  } catch (error) {
    messages.push(error instanceof Error ? error.message : String(error))
  }
  if (messages.length === 0) return planned
  throw new PipiError('provider.failed', `the program failed before anything was planned: ${messages.join('\n')}`, {
    hint: 'nothing was changed; mend the program and deploy again',
  })
}
