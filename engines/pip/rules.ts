import type { Amount, DemandAnswer } from '../../catalog/demand.ts'
import type { Engine, ResourceRule } from '../contract/engine.ts'
import { LOG_MIB, SCRATCH_MIB } from './supervisor/spec.ts'

const PROCESS = 'pip:host/process:Process'

/** What our one resource takes of the host. All of it is proven: the supervisor stops what passes its grant. */
export const rules: Record<string, ResourceRule> = {
  [PROCESS]: {
    demand({ memory, bytes, runtime }) {
      if (typeof memory !== 'number' || memory <= 0) return unsafe('memory', 'how many MiB it may hold')
      if (typeof bytes !== 'number' || bytes < 0) return unsafe('bytes', 'how many bytes its files have')
      const files = Math.max(1, Math.ceil(bytes / 1024 ** 2))
      const scratch = runtime === 'static' ? 0 : SCRATCH_MIB
      return take(
        amount('memory', memory, `${memory} MiB, restarted above it`),
        amount(
          'disk',
          files + LOG_MIB + scratch,
          `MiB: ${files} of files + ${LOG_MIB} of logs + ${scratch} of scratch space`,
        ),
        amount('ports', 1, 'one port for its whole life'),
      )
    },
    tagProperty: 'labels',
    // The supervisor ends it and keeps its files; callers get 503.
    suspended: (inputs) => ({ ...inputs, stopped: true }),
    lookup: ({ name }) => ({ id: name }),
    // Ids are known before a process exists, so the look-up is a Read. A stranger's under the same id is not ours to adopt.
    async find(lookup, platform, owner) {
      const found = await platform.read(PROCESS, String(lookup.id))
      const labels = found?.properties.labels as Record<string, unknown> | undefined
      return labels?.['pipi-workspace'] === owner ? found?.id : undefined
    },
    stateful: false,
  },
}

export const noCarrier: Engine['noCarrier'] = {}

export const refuses: Engine['refuses'] = (component) =>
  component.kind === 'service' && component.runtime === 'jvm' ? 'this host starts Node only' : undefined

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

export const noGuardRails = "nobody bills for hosts of one's own; their memory, disk and ports are the limits"
