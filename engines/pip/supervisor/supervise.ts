import { mkdir, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { endTagged } from '../../parts/process/end.ts'
import { type Api, serveApi } from './api.ts'
import type { Clock } from './clock.ts'
import { TAG } from './command.ts'
import { ContainerWalls } from './container-walls.ts'
import { Databases } from './databases/databases.ts'
import { Groups } from './groups.ts'
import { identityFile, openIdentity, saveIdentity } from './identity.ts'
import { lockFolder } from './lock.ts'
import { type Place, placeSchema } from './place.ts'
import { PortPool, type PortRange, PUBLIC_PORTS } from './ports.ts'
import { Processes } from './processes.ts'
import { PublicNames } from './public-names.ts'
import { Releases } from './releases.ts'
import { Stores } from './stores.ts'
import { TIMES, type Times } from './times.ts'

export interface Supervisor {
  /** `http://127.0.0.1:<port>/#<file with the token>`. */
  address: string
  /** Ends all it runs. What shall run stays written down, and runs again with the next supervisor. */
  close(): Promise<void>
}

/** Runs what shall run in a folder's name. Throws `conflict.state` when another supervisor does so already. */
export async function supervise(options: {
  folder: string
  times?: Partial<Times>
  ports?: PortRange
  /** How people reach this host; left out: only from itself. */
  place?: Place
  /** For jobs; left out: the host's. */
  clock?: Clock
}): Promise<Supervisor> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  // What a process may read is compared with real paths.
  const folder = await realpath(options.folder)
  const place = options.place ?? placeSchema.parse({})
  const unlock = await lockFolder(folder)
  let databases: Databases | undefined
  let processes: Processes | undefined
  let api: Api | undefined
  let names: PublicNames | undefined
  let ports: PortPool | undefined
  const close = async (): Promise<void> => {
    await api?.close()
    await processes?.close()
    // What used them has ended.
    await databases?.close()
    names?.close()
    ports?.close()
    await unlock()
  }
  try {
    const identity = await openIdentity(folder)
    // A supervisor that was killed may have left children that did not notice yet.
    await endTagged({ name: TAG, value: identity.tag })
    await rm(join(folder, 'instances'), { recursive: true, force: true })
    const releases = await Releases.open(join(folder, 'releases'))
    const stores = await Stores.open(join(folder, 'stores'))
    const groups = await Groups.open()
    names = new PublicNames(place, identity.tag)
    ports = new PortPool(options.ports ?? place.ports ?? PUBLIC_PORTS, place.listen, identity.tag)
    const times = { ...TIMES, ...options.times }
    databases = await Databases.open({ folder, tag: identity.tag, times, ports })
    processes = await Processes.open({
      folder,
      tag: identity.tag,
      releases,
      stores,
      ...(groups === undefined ? {} : { groups }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      times,
      ports,
      place,
      names,
    })
    const walls = new ContainerWalls()
    const { token: given, port } = identity
    api = await serveApi({ processes, stores, databases, releases, names, walls, token: given, port })
    if (api.port !== identity.port) await saveIdentity(folder, { ...identity, port: api.port })
    const token = pathToFileURL(identityFile(folder)).pathname
    return { address: `http://127.0.0.1:${api.port}/#${token}`, close }
  } catch (error) {
    await close()
    throw error
  }
}
