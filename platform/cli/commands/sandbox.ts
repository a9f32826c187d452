import { declareSandbox } from '../sandbox/declare.ts'
import type { Verb } from '../verb.ts'

const sandbox: Verb = {
  summary: 'look at and play with the simulated clouds: inventory, bill, clock, fault, drift, stray, stale, visitors',
  declare: declareSandbox,
}
export default sandbox
