import type { Reading, ReadUsage } from '../../contract/watch.ts'
import { LOG_MIB } from '../supervisor/spec.ts'
import { listProcesses, listStores } from './processes.ts'

const MIB = 1024 ** 2

/** What the host's processes hold right now, as the supervisor looks at it twice a second. Nobody charges for it. */
const usage: ReadUsage = async (context) => {
  const [processes, stores] = await Promise.all([listProcesses(context), listStores(context)])
  const of = (meter: string, amounts: { id: string; amount: number }[]): Reading => ({
    meter: `pip-host.${meter}`,
    scope: '',
    total: amounts.reduce((sum, one) => sum + one.amount, 0),
    byResource: amounts,
    until: context.now,
  })
  return {
    readings: [
      of(
        'memory',
        processes.map(({ name, memoryHeld }) => ({ id: name, amount: memoryHeld })),
      ),
      of('disk', [
        ...processes.map(({ name, bytes }) => ({ id: name, amount: Math.ceil(bytes / MIB) + LOG_MIB })),
        ...stores.map(({ name, held }) => ({ id: name, amount: held })),
      ]),
      of(
        'ports',
        processes.filter(({ runtime }) => runtime !== 'job').map(({ name }) => ({ id: name, amount: 1 })),
      ),
    ],
  }
}

export default usage
