import type { Hosts, HostsOrder } from '../../engines/contract/hosts.ts'
import { scanEngines } from '../../engines/scan.ts'
import { readSettings } from '../config.ts'
import { hostsOrder } from '../start/machines.ts'

/** What each engine whose platform is machines of one's own can do with them here, without a platform that runs. */
export async function listsOfHosts(data: string | undefined): Promise<{ hosts: Hosts; order: HostsOrder }[]> {
  const settings = readSettings({ data })
  const engines = await scanEngines(settings.enginesFolder, settings.catalogFolder)
  const all = [...engines.values()].map(async (engine) => {
    const hosts = await engine.hosts?.()
    return hosts === undefined ? [] : [{ hosts, order: hostsOrder(settings, engine.dna.code) }]
  })
  return (await Promise.all(all)).flat()
}
