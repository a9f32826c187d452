import { createStack } from '../../../stacks/driver/create-stack.ts'
import { readState } from '../../../stacks/state/read.ts'
import { projectOf, type Step } from '../carriage.ts'

/** A workspace's first deployment needs an empty stack; it is made beside the build, which takes longer. */
export const openStack: Step = {
  name: 'open-stack',
  status: 'building',
  kinds: ['deploy', 'rollback'],
  async run(carriage) {
    const { birth, order } = carriage
    const stack = { project: projectOf(order.engine), stack: order.workspace.id }
    const state = await readState(
      { query: (text, values) => birth.statePool.query(text, values), table: birth.stateTable },
      stack.project,
      stack.stack,
    )
    if (state.exists || state.locked) return
    carriage.opening = createStack({
      ...stack,
      state,
      pulumi: birth.pulumi,
      folder: birth.folder,
      stateUrl: birth.stateUrl(order.token),
      secret: order.secret,
      signal: carriage.signal,
    }).then(
      () => ({ opened: true }),
      (error: unknown) => ({ opened: false, error }),
    )
  },
}
