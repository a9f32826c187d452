import { text } from 'node:stream/consumers'
import type { EngineTruth } from '../../factory/contract/truth.ts'
import type { Intent, Outcome } from '../../stacks/contract/intents.ts'
import { type Seed, sprout } from '../factory/stem-cell/seed.ts'

/** What a clone in a process of its own is told, as JSON on its standard input. */
export interface Doom {
  seed: Seed
  deployment: string
  /** `<moment>` or `<moment> <n>`: at the nth time that it comes to it, it ends itself by SIGKILL. */
  at: string
}

/**
 * The moments at which a clone can be killed, in the order of a deployment's way: after each call to the truth, and
 * around each intent: `intent` is written and nothing was asked of the platform, `made` at the platform and not written,
 * `written` and the Pulumi engine has not heard.
 */
function doomed(truth: EngineTruth, at: string): EngineTruth {
  const [moment, nth = '1'] = at.split(' ')
  let times = 0
  const come = (to: string) => {
    if (to !== moment) return
    times += 1
    if (times === Number(nth)) process.kill(process.pid, 'SIGKILL')
  }
  return {
    ...truth,
    async take(deployment) {
      const order = await truth.take(deployment)
      come('taken')
      return order
    },
    async advance(order, to, waitingFor) {
      await truth.advance(order, to, waitingFor)
      come(to)
    },
    async reserve(order, lines) {
      const answer = await truth.reserve(order, lines)
      come('reserved')
      return answer
    },
    async settle(order, settlement) {
      come('settling')
      await truth.settle(order, settlement)
      come('settled')
    },
    intents(order) {
      const log = truth.intents(order)
      return {
        ...log,
        async begin(intent: Intent) {
          const begun = await log.begin(intent)
          come('intent')
          return begun
        },
        async end(intent: string, outcome: Outcome) {
          come('made')
          await log.end(intent, outcome)
          come('written')
        },
      }
    },
  }
}

const { seed, deployment, at }: Doom = JSON.parse(await text(process.stdin))
const { work, close } = await sprout(seed, (truth) => doomed(truth, at))
await work(deployment)
// It was never come to: the test says so.
await close()
