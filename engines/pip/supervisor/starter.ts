import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Groups } from './groups.ts'
import { type Instance, startInstance } from './instance.ts'
import type { ProcessLog } from './log.ts'
import type { PortPool } from './ports.ts'
import type { Roots } from './roots.ts'
import type { Wanted } from './run.ts'
import type { Stores } from './stores.ts'

interface StarterHost {
  folder: string
  tag: string
  ports: PortPool
  stores: Stores
  roots: Roots
  groups?: Groups
}

/** Starts runs of processes on this host, each in a folder of its own. */
export class Starter {
  readonly #host: StarterHost

  constructor(host: StarterHost) {
    this.#host = host
  }

  /** `answers`: it gets a port to listen on. */
  async start(name: string, { spec, release }: Wanted, log: ProcessLog, answers: boolean): Promise<Instance> {
    const { folder, tag, ports, stores, roots, groups } = this.#host
    const used = stores.usedBy(spec)
    const root = spec.runtime === 'container' ? await roots.take(spec, release) : undefined
    const starting = startInstance({
      ...{ spec, release, tag, log },
      folder: join(folder, 'instances', `${name}-${randomUUID()}`),
      stores: used,
      ...(answers ? { ports } : {}),
      ...(groups === undefined ? {} : { groups }),
      ...(root === undefined ? {} : { root }),
    })
    return starting.catch(async (error: unknown) => {
      await root?.leave()
      throw error
    })
  }
}
