import type { Engine } from '../../engines/contract/engine.ts'
import type { Host, HostState } from '../../engines/contract/hosts.ts'
import type { Database } from '../store/open.ts'
import { type Quota, quota } from '../store/quota.ts'

/** A machine of one's own as an account may see it: how it is, and what of it is left. */
export interface MachineRoom extends Pick<Host, 'name' | 'via' | 'address' | 'labels'>, HostState {
  engine: string
  room: Pick<Quota, 'meter' | 'unit' | 'limit' | 'held' | 'left' | 'over'>[]
}

/** All machines of the engines that run here, each asked now. */
export function machineRooms(
  db: Database,
  engines: readonly Engine[],
  companionsOf: (code: string) => Record<string, string> | undefined,
): (account: string) => Promise<MachineRoom[]> {
  return async (account) => {
    const all = engines.map(async (engine) => {
      const { code } = engine.dna
      const [hosts, machines] = [await engine.hosts?.(), engine.machines ?? []]
      if (hosts === undefined || machines.length === 0) return []
      const meters = await quota(db, account, code)
      const companions = companionsOf(code) ?? {}
      return Promise.all(
        machines.map(async ({ name, via, address, labels, scope, limits }) => ({
          engine: code,
          ...{ name, via, address, labels },
          ...(await hosts.state(companions[name] ?? '')),
          room: meters
            .filter((one) => one.meter in limits && one.scope === scope)
            .map(({ meter, unit, limit, held, left, over }) => ({ meter, unit, limit, held, left, over })),
        })),
      )
    })
    return (await Promise.all(all)).flat()
  }
}
