import { PipiError } from '../../../catalog/errors.ts'
import type { ConfiguredProvider, TypeScriptProvider } from '../../../stacks/contract/provider.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import { LOCAL } from '../hosts/schema.ts'
import { DATABASE, DATABASES, databaseKind, databaseListed, PASSWORD, POSTGRES, passwordKind } from './database.ts'
import type { Kind } from './kind.ts'
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
import type { SupervisorClient } from './supervisor-client.ts'
import { openSupervisors, type Supervisors } from './supervisors.ts'

/** Puts the provider `pip` on the wire, for the hosts whose supervisors are at `companions`; without them for the one at `companion`. */
export async function startProvider(options: {
  companion: string | undefined
  companions?: Readonly<Record<string, string>>
}): Promise<{ address: string; close(): Promise<void> }> {
  const { companion, companions = {} } = options
  const named = Object.keys(companions).length > 0 ? companions : { ...(companion && { [LOCAL]: companion }) }
  return serveProvider(pipProvider(openSupervisors(named)))
}

/** The provider `pip`: everything it does is done by a host's supervisor. The host is the one of its configuration. */
function pipProvider(supervisors: Supervisors): TypeScriptProvider {
  return {
    name: 'pip',
    version: '0.1.0',
    configure: async ({ host = LOCAL }) => configured(supervisors, String(host)),
  }
}

/** The data source that tells how a host elsewhere is; `link` is missing for this machine. */
export const LINK = 'pip:host/getLink:getLink'
/** The data source that tells whether a host gives names of their own. */
export const NAMES = 'pip:host/getNames:getNames'

/** The data source that tells whether a host can run containers. */
export const WALLS = 'pip:host/getWalls:getWalls'

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
    [DATABASE]: databaseKind(supervisor),
    [PASSWORD]: passwordKind,
  }
}

function configured(supervisors: Supervisors, host: string): ConfiguredProvider {
  const kinds = kindsOf(supervisors.of(host))
  return {
    check: async (type, inputs) => of(kinds, type, async (kind) => kind.check(inputs)),
    diff: async (type, _id, old, now) => of(kinds, type, async (kind) => kind.diff(old, now)),
    create: (type, inputs, _urn, preview) =>
      of(kinds, type, async (kind) =>
        preview ? { id: '', outputs: await kind.preview(inputs, undefined) } : kind.set(inputs),
      ),
    read: (type, id, _urn, inputs, state) => of(kinds, type, (kind) => kind.read(id, inputs, state)),
    update: (type, id, _old, now, _urn, preview) =>
      of(kinds, type, async (kind) => ({
        outputs: preview ? await kind.preview(now, id) : (await kind.set(now)).outputs,
      })),
    delete: (type, id) => of(kinds, type, (kind) => kind.delete(id)),
    invoke: async (token, args) => {
      // Whoever watches looks at all hosts on one connection.
      const supervisor = supervisors.of(String(args.host ?? host))
      if (token === LINK) return { link: await supervisor.link() }
      if (token === NAMES) return { ...(await supervisor.names()) }
      if (token === WALLS) return { ...(await supervisor.walls()) }
      if (token === PROCESSES) return { processes: (await supervisor.processes()).map(listed) }
      if (token === STORES) return { stores: (await supervisor.stores()).map(({ spec, held }) => ({ ...spec, held })) }
      if (token === DATABASES) return { databases: (await supervisor.databases()).map(databaseListed) }
      if (token === POSTGRES) return { ...(await supervisor.postgres()) }
      const there = [PROCESSES, STORES, DATABASES, LINK, NAMES, WALLS, POSTGRES].join(', ')
      throw new Error(`Hosts have no data source ${token}, only ${there}`)
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
