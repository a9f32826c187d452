import type { Verb } from '../verb.ts'

const engine: Verb = {
  summary: 'run one clone of an engine here; started by the factory, told its birth on stdin',
  hidden: true,
  declare: (command, action) => {
    command.argument('<code>', "the engine's code").action(
      action(async ({ args }) => {
        const { runEngine } = await import('../../engine.ts')
        return await runEngine(args[0] as string)
      }),
    )
  },
}
export default engine
