import type { QuickstartOptions } from '../quickstart/run.ts'
import type { Verb } from '../verb.ts'

const quickstart: Verb = {
  summary: 'see it all work on this machine, with simulated clouds; needs no account',
  declare: (command, action) => {
    command.option('--once', 'end by itself, with nothing left running; exit 0 only if all went right').action(
      action<QuickstartOptions>(async ({ options, terminal }) => {
        const { quickstart: run } = await import('../quickstart/run.ts')
        return await run(options, terminal)
      }),
    )
  },
}
export default quickstart
