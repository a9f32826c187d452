import { dirname } from 'node:path'
import type { Stack } from '@pulumi/pulumi/automation/index.js'
import { freshProcess } from './overhead/fresh-process.ts'
import { openOurs } from './overhead/ours.ts'
import { openStand } from './overhead/stand.ts'
import { commandOf, deployTheirs, openTheirs, type TheirStand } from './overhead/theirs.ts'
import { compare, type Measured } from './shared/figures.ts'

/**
 * One deployment of five resources into an existing empty stack: through the whole platform (from the request until the
 * final state is known), beside the Automation API as its documentation shows it, warm in one process (a) and in a fresh
 * Node process (b). The three take turns, on one database, one simulated provider and one Pulumi CLI.
 */
export default async function overhead(options: {
  runs: number | undefined
  log(line: string): void
}): Promise<Measured> {
  const runs = options.runs ?? 10
  const stand = await openStand(options.log)
  try {
    const ours = await openOurs(stand)
    const theirs: TheirStand = {
      pulumi: dirname(dirname(stand.pulumi)),
      stateUrl: stand.theirStateUrl,
      debugProviders: stand.debugProviders,
      folder: stand.theirFolder,
      stack: 'theirs',
    }
    const emptied = async (stack: Stack) => void (await stack.destroy({ onOutput: () => undefined }))
    // Once each, uncounted: the stacks exist, and every cache is warm.
    await ours.deploy()
    await ours.empty()
    const command = await commandOf(theirs)
    await emptied(await deployTheirs(theirs, command))

    const times = { ours: [] as number[], warm: [] as number[], fresh: [] as number[] }
    for (let run = 1; run <= runs; run += 1) {
      times.ours.push(await ours.deploy())
      await ours.empty()
      times.warm.push(await timed(() => deployTheirs(theirs, command)))
      await emptied(await openTheirs(theirs, command))
      times.fresh.push(await timed(() => freshProcess(theirs)))
      await emptied(await openTheirs(theirs, command))
      options.log(
        `run ${run} of ${runs}: ours ${last(times.ours)}, warm ${last(times.warm)}, fresh ${last(times.fresh)} ms`,
      )
    }
    return compare('overhead', times.ours, [
      { name: 'a: against LocalWorkspace and up() in one warm process', times: times.warm },
      { name: 'b: against the same in a fresh process each time', times: times.fresh },
    ])
  } finally {
    await stand.close()
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await act()
  return performance.now() - begun
}

function last(times: number[]): string {
  return (times.at(-1) ?? 0).toFixed(0)
}
