import type { Reading, ReadUsage, WatchContext } from '../../contract/watch.ts'
import { LOCAL } from '../hosts/schema.ts'
import { BESIDE_MIB } from '../supervisor/databases/room.ts'
import { LOG_MIB } from '../supervisor/spec.ts'
import { listDatabases, listProcesses, listStores } from './processes.ts'

const MIB = 1024 ** 2

/**
 * What the hosts' processes hold right now, as their supervisors look at it twice a second. Nobody charges for it. Of a
 * host elsewhere that is away nothing is read.
 */
const usage: ReadUsage = async (context) => {
  const readings = context.regions.map((host) =>
    readHost(context, host).catch((error: unknown) => {
      if (host === LOCAL) throw error
      return []
    }),
  )
  return { readings: (await Promise.all(readings)).flat() }
}

export default usage

async function readHost(context: WatchContext, host: string): Promise<Reading[]> {
  const [processes, stores, databases] = await Promise.all([
    listProcesses(context, host),
    listStores(context, host),
    listDatabases(context, host),
  ] as const)
  const of = (meter: string, amounts: { id: string; amount: number }[]): Reading => ({
    meter: `pip-host.${meter}`,
    scope: host === LOCAL ? '' : host,
    total: amounts.reduce((sum, one) => sum + one.amount, 0),
    byResource: amounts,
    until: context.now,
  })
  return [
    of(
      'memory',
      [...processes, ...databases].map(({ name, memoryHeld }) => ({ id: name, amount: memoryHeld })),
    ),
    of('disk', [
      ...processes.map(({ name, bytes }) => ({ id: name, amount: Math.ceil(bytes / MIB) + LOG_MIB })),
      ...stores.map(({ name, held }) => ({ id: name, amount: held })),
      ...databases.map(({ name, held }) => ({ id: name, amount: held + BESIDE_MIB })),
    ]),
    of(
      'ports',
      [...processes.filter(({ runtime }) => runtime !== 'job'), ...databases].map(({ name }) => ({
        id: name,
        amount: 1,
      })),
    ),
  ]
}
