import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Groups } from './groups.ts'
import { type Instance, startInstance } from './instance.ts'
import type { ProcessLog } from './log.ts'
import type { PortPool } from './ports.ts'
import type { Wanted } from './run.ts'
import type { Stores } from './stores.ts'

/** Starts runs of processes on this host, each in a folder of its own. */
export class Starter {
  readonly #host: { folder: string; tag: string; ports: PortPool; stores: Stores; groups?: Groups }

  constructor(host: { folder: string; tag: string; ports: PortPool; stores: Stores; groups?: Groups }) {
    this.#host = host
  }

  /** `answers`: it gets a port to listen on. */
  async start(name: string, { spec, release }: Wanted, log: ProcessLog, answers: boolean): Promise<Instance> {
    const { folder, tag, ports, stores, groups } = this.#host
    return startInstance({
      ...{ spec, release, tag, log },
      folder: join(folder, 'instances', `${name}-${randomUUID()}`),
      stores: stores.usedBy(spec),
      ...(answers ? { ports } : {}),
      ...(groups === undefined ? {} : { groups }),
    })
  }
}
