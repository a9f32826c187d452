import type { Amount, DemandAnswer } from '../../catalog/demand.ts'
import type { PlatformReader } from '../../stacks/contract/find.ts'
import type { Engine, ResourceRule } from '../contract/engine.ts'
import { LOG_MIB, SCRATCH_MIB } from './supervisor/spec.ts'

const RELEASE = 'pip:host/release:Release'
const PROCESS = 'pip:host/process:Process'

/** What our resources take of the host. All of it is proven: the supervisor stops what passes its grant. */
export const rules: Record<string, ResourceRule> = {
  [RELEASE]: {
    demand({ bytes }) {
      if (typeof bytes !== 'number') return unsafe('bytes', 'how many bytes it takes')
      const mebibytes = Math.max(1, Math.ceil(bytes / 1024 ** 2))
      return take(amount('disk', mebibytes, `${bytes} bytes of files`))
    },
    tagProperty: 'labels',
    lookup: ({ name, digest }) => ({ id: `${name}@${String(digest).slice(0, 16)}` }),
    find: (lookup, platform, owner) => findOwned(RELEASE, String(lookup.id), platform, owner),
    stateful: false,
  },
  [PROCESS]: {
    demand({ memory, runtime }) {
      if (typeof memory !== 'number' || memory <= 0) return unsafe('memory', 'how many MiB it may hold')
      const disk = runtime === 'static' ? LOG_MIB : LOG_MIB + SCRATCH_MIB
      return take(
        amount('memory', memory, `${memory} MiB, restarted above it`),
        amount(
          'disk',
          disk,
          runtime === 'static'
            ? `${LOG_MIB} MiB of logs`
            : `${LOG_MIB} MiB of logs + ${SCRATCH_MIB} MiB of scratch space`,
        ),
        amount('ports', 1, 'one port for its whole life'),
      )
    },
    tagProperty: 'labels',
    lookup: ({ name }) => ({ id: name }),
    find: (lookup, platform, owner) => findOwned(PROCESS, String(lookup.id), platform, owner),
    stateful: false,
  },
}

export const noCarrier: Engine['noCarrier'] = {}

function amount(meter: string, value: number, because: string): Amount {
  return { meter: `pip-host.${meter}`, scope: '', amount: value, bound: 'proven', because }
}

function take(...amounts: Amount[]): DemandAnswer {
  return { ok: true, demand: { amounts } }
}

function unsafe(property: string, what: string): DemandAnswer {
  return {
    ok: false,
    code: 'lock.unsafe-input',
    message: `"${property}" is not known: it says ${what}`,
    hint: `Give "${property}" as a number when the resource is declared.`,
  }
}

/** Ids are known before a resource exists, so the look-up is a Read. A stranger's under the same id is not ours to adopt. */
async function findOwned(
  type: string,
  id: string,
  platform: PlatformReader,
  owner: string,
): Promise<string | undefined> {
  const found = await platform.read(type, id)
  const labels = found?.properties.labels as Record<string, unknown> | undefined
  return labels?.['pipi-workspace'] === owner ? found?.id : undefined
}
