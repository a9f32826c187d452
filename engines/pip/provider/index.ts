import { PipiError } from '../../../catalog/errors.ts'
import type { CheckFailure, ConfiguredProvider, TypeScriptProvider, Values } from '../../../stacks/contract/provider.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import {
  checkProcess,
  diffProcess,
  inputsOf,
  listed,
  outputsOf,
  PROCESS,
  PROCESSES,
  previewOf,
  specOf,
} from './process.ts'
import { checkStore, diffStore, STORE, STORES, storeOf, storeOutputs, storePreview } from './store.ts'
import { SupervisorClient } from './supervisor-client.ts'

/** Puts the provider `pip` on the wire, for the host whose supervisor is at `companion`. */
export async function startProvider(options: {
  companion: string | undefined
}): Promise<{ address: string; close(): Promise<void> }> {
  if (options.companion === undefined) {
    throw new PipiError('platform.unreachable', 'This host has no supervisor', {
      hint: 'The platform starts one per host: start it with ./pipi serve.',
    })
  }
  return serveProvider(pipProvider(new SupervisorClient(options.companion)))
}

/** The provider `pip`: everything it does is done by the host's supervisor. */
function pipProvider(supervisor: SupervisorClient): TypeScriptProvider {
  return { name: 'pip', version: '0.1.0', configure: async () => configured(supervisor) }
}

/** Every resource type of hosts, by its token. */
function kindsOf(supervisor: SupervisorClient): Record<string, Kind> {
  return {
    [PROCESS]: {
      check: checkProcess,
      diff: diffProcess,
      async set(inputs) {
        const made = await supervisor.setProcess(specOf(inputs))
        return { id: made.spec.name, outputs: outputsOf(made) }
      },
      preview: async (inputs, id) => previewOf(inputs, id === undefined ? undefined : await supervisor.process(id)),
      async read(id) {
        const found = await supervisor.process(id)
        return found && { id, inputs: inputsOf(found), outputs: outputsOf(found) }
      },
      delete: (id) => supervisor.removeProcess(id),
    },
    [STORE]: {
      check: checkStore,
      diff: diffStore,
      async set(inputs) {
        const made = await supervisor.setStore(storeOf(inputs))
        return { id: made.spec.name, outputs: storeOutputs(made) }
      },
      preview: async (inputs, id) => storePreview(inputs, id === undefined ? undefined : await supervisor.store(id)),
      async read(id) {
        const found = await supervisor.store(id)
        return found && { id, inputs: { ...found.spec }, outputs: storeOutputs(found) }
      },
      delete: (id) => supervisor.removeStore(id),
    },
  }
}

interface Kind {
  check(inputs: Values): { inputs: Values; failures: CheckFailure[] }
  diff(old: Values, now: Values): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean }
  /** Makes it, or changes it in place. */
  set(inputs: Values): Promise<{ id: string; outputs: Values }>
  /** `id`: of what is there already. */
  preview(inputs: Values, id: string | undefined): Promise<Values>
  read(id: string): Promise<{ id: string; inputs: Values; outputs: Values } | undefined>
  delete(id: string): Promise<void>
}

function configured(supervisor: SupervisorClient): ConfiguredProvider {
  const kinds = kindsOf(supervisor)
  return {
    check: async (type, inputs) => of(kinds, type, async (kind) => kind.check(inputs)),
    diff: async (type, _id, old, now) => of(kinds, type, async (kind) => kind.diff(old, now)),
    create: (type, inputs, _urn, preview) =>
      of(kinds, type, async (kind) =>
        preview ? { id: '', outputs: await kind.preview(inputs, undefined) } : kind.set(inputs),
      ),
    read: (type, id) => of(kinds, type, (kind) => kind.read(id)),
    update: (type, id, _old, now, _urn, preview) =>
      of(kinds, type, async (kind) => ({
        outputs: preview ? await kind.preview(now, id) : (await kind.set(now)).outputs,
      })),
    delete: (type, id) => of(kinds, type, (kind) => kind.delete(id)),
    invoke: async (token) => {
      if (token === PROCESSES) return { processes: (await supervisor.processes()).map(listed) }
      if (token === STORES) return { stores: (await supervisor.stores()).map(({ spec, held }) => ({ ...spec, held })) }
      throw new Error(`Hosts have no data source ${token}, only ${PROCESSES} and ${STORES}`)
    },
  }
}

/** The wire carries a message only: the hint and the last lines of a process go into it. */
async function of<T>(kinds: Record<string, Kind>, type: string, act: (kind: Kind) => Promise<T>): Promise<T> {
  const kind = kinds[type]
  if (kind === undefined) throw new Error(`Hosts have no ${type}, only ${Object.keys(kinds).join(' and ')}`)
  try {
    return await act(kind)
  } catch (error) {
    if (!(error instanceof PipiError)) throw error
    const lines = Array.isArray(error.data.lines) ? error.data.lines.map((line) => `  | ${line}`) : []
    const hints = error.hint === undefined ? [] : [error.hint]
    throw new Error([error.message, ...lines, ...hints].join('\n'), { cause: error })
  }
}
