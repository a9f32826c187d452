import { createStack } from '../../../stacks/driver/create-stack.ts'
import type { Step } from '../carriage.ts'
import { stateOf, workspaceRun } from '../stack-of.ts'

/** A workspace's first deployment needs an empty stack; it is made beside the build, which takes longer. */
export const openStack: Step = {
  name: 'open-stack',
  status: 'building',
  kinds: ['deploy', 'rollback', 'suspend', 'resume', 'secure'],
  async run(carriage) {
    const state = await stateOf(carriage)
    if (state.exists || state.locked) return
    carriage.opening = createStack(workspaceRun(carriage, state)).then(
      () => ({ opened: true }),
      (error: unknown) => ({ opened: false, error }),
    )
  },
}
