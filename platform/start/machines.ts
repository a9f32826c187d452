import { join } from 'node:path'
import type { Engine } from '../../engines/contract/engine.ts'
import type { HostsOrder } from '../../engines/contract/hosts.ts'

/** Where the list of hosts lies, and where this machine's own companion works. */
export function hostsOrder(settings: { data: string; hosts: string }, code: string): HostsOrder {
  return { file: settings.hosts, dataDir: settings.data, companionDir: join(settings.data, 'companions', code) }
}

/** Engines whose platform is machines of one's own get those of the list: they are their regions. */
export async function withMachines(
  engines: readonly Engine[],
  settings: { data: string; hosts: string },
): Promise<Engine[]> {
  return Promise.all(
    engines.map(async (engine) => {
      const hosts = await engine.hosts?.()
      if (hosts === undefined) return engine
      const machines = await hosts.list(hostsOrder(settings, engine.dna.code))
      return {
        ...atRegions(
          engine,
          machines.map(({ name }) => name),
        ),
        machines,
      }
    }),
  )
}

/** An engine as it is where its platform's regions are others than its folder says. */
export function atRegions(engine: Engine, regions: string[]): Engine {
  return { ...engine, dna: { ...engine.dna, regions } }
}
