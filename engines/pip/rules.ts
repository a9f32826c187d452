import type { Amount, DemandAnswer } from '../../catalog/demand.ts'
import type { PlatformReader } from '../../stacks/contract/find.ts'
import type { Engine, ResourceRule } from '../contract/engine.ts'
import { MEMORY_FILES_MIB } from '../parts/container/memory-files.ts'
import { INSTALL } from './supervisor/caddy.ts'
import { CONTAINERS_NEED } from './supervisor/container-walls.ts'
import { INSTALL as INSTALL_DATABASES } from './supervisor/databases/cluster.ts'
import { diskMib } from './supervisor/databases/room.ts'
import { LEAST_JVM_MIB } from './supervisor/java.ts'
import { keptMib, LOG_MIB, SCRATCH_MIB } from './supervisor/spec.ts'

const PROCESS = 'pip:host/process:Process'
const STORE = 'pip:host/store:Store'
const DATABASE = 'pip:host/database:Database'
const PASSWORD = 'pip:host/password:Password'

/** What our resources take of the host. All of it is proven: the supervisor stops what passes its grant. */
export const rules: Record<string, ResourceRule> = {
  [PROCESS]: {
    // While a release and its successor both run, both count: the new one here, and the old one in the quarter of the host's
    // memory that is never promised (supervisor/switching-room.ts), where who finds no room waits.
    demand({ memory, bytes, runtime, domains, domainsBy, unpacked, lacks }, { region }) {
      if (typeof lacks === 'string') return without(`host ${region} cannot run containers: ${lacks}`, CONTAINERS_NEED)
      if (Array.isArray(domains) && domains.length > 0 && domainsBy === undefined)
        return unnamed(region, domains.join(', '))
      if (typeof memory !== 'number' || memory <= 0) return unsafe('memory', 'how many MiB it may hold')
      if (typeof bytes !== 'number' || bytes < 0) return unsafe('bytes', 'how many bytes its files have')
      const files = Math.max(1, Math.ceil(bytes / 1024 ** 2))
      const kept = keptMib(files)
      const scratch = runtime === 'static' ? 0 : SCRATCH_MIB
      const image = runtime === 'container' ? unpackedMib(unpacked) : 0
      if (image === undefined) return unsafe('unpacked', 'how many bytes its image has once it is unpacked')
      const own = image === 0 ? '' : ` + ${image} of its image unpacked, for a release and its successor`
      const parts = `${files} of files + ${kept} of releases before it + ${LOG_MIB} of logs + ${scratch} of scratch space${own}`
      const beside = runtime === 'container' || runtime === 'jvm' ? MEMORY_FILES_MIB : 0
      const shared = beside === 0 ? '' : `, + ${beside} of files in memory`
      return take(
        amount('memory', region, memory + beside, `${memory} MiB, restarted above it${shared}`),
        amount('disk', region, files + kept + LOG_MIB + scratch + image, `MiB: ${parts}`),
        ...(runtime === 'job' ? [] : [amount('ports', region, 1, 'one port for its whole life')]),
      )
    },
    tagProperty: 'labels',
    // The supervisor ends it and keeps its files; callers get 503.
    suspended: (inputs) => ({ ...inputs, stopped: true }),
    lookup: ({ name }) => ({ id: name }),
    // Ids are known before a process exists, so the look-up is a Read. A stranger's under the same id is not ours to adopt.
    find: (lookup, platform, owner) => findOwn(PROCESS, lookup, platform, owner),
    stateful: false,
  },
  [STORE]: {
    demand({ size }, { region }) {
      if (typeof size !== 'number' || size <= 0) return unsafe('size', 'how many MiB of files it may hold')
      return take(amount('disk', region, size, `${size} MiB, whoever fills it beyond is ended`))
    },
    tagProperty: 'labels',
    lookup: ({ name }) => ({ id: name }),
    find: (lookup, platform, owner) => findOwn(STORE, lookup, platform, owner),
    // Users' files.
    stateful: true,
  },
  [DATABASE]: {
    demand({ size, memory, by }, { region }) {
      if (by === undefined) return without(`nothing on host ${region} serves databases`, INSTALL_DATABASES)
      if (typeof size !== 'number' || size <= 0) return unsafe('size', 'how many MiB of data it may hold')
      if (typeof memory !== 'number' || memory <= 0) return unsafe('memory', 'how many MiB its server may hold')
      return take(
        amount('memory', region, memory, `${memory} MiB, its largest session ends above it`),
        amount(
          'disk',
          region,
          diskMib(size),
          `${size} MiB of data, nothing is written a fifth above; logs and system beside`,
        ),
        amount('ports', region, 1, 'one port for its whole life'),
      )
    },
    tagProperty: 'labels',
    lookup: ({ name }) => ({ id: name }),
    find: (lookup, platform, owner) => findOwn(DATABASE, lookup, platform, owner),
    // Standing still frees nothing that anybody pays for, and nobody calls it but its workspace: no `suspended`.
    stateful: true,
  },
  // What a crash lost is made anew, and its database gets the new one.
  [PASSWORD]: {
    demand: () => take(),
    tagProperty: null,
    lookup: ({ name }) => ({ id: typeof name === 'string' ? `password/${name}` : null }),
    find: async () => undefined,
    stateful: false,
  },
}

async function findOwn(
  type: string,
  lookup: Record<string, unknown>,
  platform: PlatformReader,
  owner: string,
): Promise<string | undefined> {
  const found = await platform.read(type, String(lookup.id))
  const labels = found?.properties.labels as Record<string, unknown> | undefined
  return labels?.['pipi-workspace'] === owner ? found?.id : undefined
}

/** What runs, and what ran until just now. */
function unpackedMib(unpacked: unknown): number | undefined {
  if (typeof unpacked !== 'number' || unpacked < 0) return undefined
  return 2 * Math.max(1, Math.ceil(unpacked / 1024 ** 2))
}

export const refuses: Engine['refuses'] = (component) =>
  component.kind === 'service' && component.runtime === 'jvm' && component.memoryMb < LEAST_JVM_MIB
    ? `a JVM does not start in ${component.memoryMb} MiB: "memoryMb" has to be ${LEAST_JVM_MIB} at least`
    : undefined

/** This machine itself has no scope; each other host is a region of its own. */
function amount(meter: string, region: string, value: number, because: string): Amount {
  const scope = region === 'host' ? '' : region
  return { meter: `pip-host.${meter}`, scope, amount: value, bound: 'proven', because }
}

function take(...amounts: Amount[]): DemandAnswer {
  return { ok: true, demand: { amounts } }
}

function unnamed(host: string, names: string): DemandAnswer {
  return without(`nothing on host ${host} leads ${names} to what runs there, or gives it a certificate`, INSTALL)
}

/** Something that the host would have to have. */
function without(message: string, hint: string): DemandAnswer {
  return { ok: false, code: 'lock.unsafe-input', message, hint }
}

function unsafe(property: string, what: string): DemandAnswer {
  return {
    ok: false,
    code: 'lock.unsafe-input',
    message: `"${property}" is not known: it says ${what}`,
    hint: `Give "${property}" as a number when the resource is declared.`,
  }
}

export const noGuardRails = "nobody bills for hosts of one's own; their memory, disk and ports are the limits"
