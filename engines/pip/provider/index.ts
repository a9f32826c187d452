import { PipiError } from '../../../catalog/errors.ts'
import type { ConfiguredProvider, TypeScriptProvider, Values } from '../../../stacks/contract/provider.ts'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import { plain, UNKNOWN } from '../../../stacks/wire/values.ts'
import { checkInputs, diffInputs, type HostResource } from './host-resource.ts'
import { processResource } from './process.ts'
import { releaseResource } from './release.ts'
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
export function pipProvider(supervisor: SupervisorClient): TypeScriptProvider {
  const resources = {
    'pip:host/release:Release': typed(releaseResource(supervisor)),
    'pip:host/process:Process': typed(processResource(supervisor)),
  }
  return { name: 'pip', version: '0.1.0', configure: async () => configured(resources) }
}

function configured(resources: Record<string, ConfiguredResource>): ConfiguredProvider {
  const of = (type: string): ConfiguredResource => {
    const found = resources[type]
    if (found === undefined) throw new Error(`Hosts have no ${type}; there are ${Object.keys(resources).join(', ')}`)
    return found
  }
  return {
    check: async (type, inputs) => of(type).check(inputs),
    diff: async (type, id, old, now) => of(type).diff(id, old, now),
    create: (type, inputs, _urn, preview) => of(type).create(inputs, preview),
    read: (type, id) => of(type).read(id),
    update: async (type, id, _old, now, _urn, preview) => ({ outputs: await of(type).update(id, now, preview) }),
    delete: (type, id) => of(type).delete(id),
    invoke: async (token) => {
      throw new Error(`Hosts have no data source ${token}`)
    },
  }
}

interface ConfiguredResource {
  check(inputs: Values): ReturnType<typeof checkInputs>
  diff(id: string, old: Values, now: Values): Awaited<ReturnType<ConfiguredProvider['diff']>>
  create(inputs: Values, preview: boolean): ReturnType<ConfiguredProvider['create']>
  read(id: string): ReturnType<ConfiguredProvider['read']>
  update(id: string, inputs: Values, preview: boolean): Promise<Values>
  delete(id: string): Promise<void>
}

function typed<Spec>(resource: HostResource<Spec>): ConfiguredResource {
  const specOf = (inputs: Values): Spec => resource.schema.parse(plain(inputs)) as Spec
  const unknown = Object.fromEntries(resource.computed.map((property) => [property, UNKNOWN]))
  return {
    check: (inputs) => checkInputs(resource, inputs),
    diff: (id, old, now) => ({ ...diffInputs(resource, id, old, now), deleteBeforeReplace: false }),
    async create(inputs, preview) {
      if (preview) return { id: '', outputs: { ...inputs, ...unknown } }
      return inWords(() => resource.create(specOf(inputs)))
    },
    async read(id) {
      const found = await inWords(() => resource.read(id))
      return found && { id, ...found }
    },
    async update(id, inputs, preview) {
      if (!preview) return inWords(() => resource.update(id, specOf(inputs)))
      const now = await inWords(() => resource.read(id))
      const kept = Object.fromEntries(
        resource.computed.map((property) => [property, now?.outputs[property] ?? UNKNOWN]),
      )
      return { ...inputs, ...kept }
    },
    delete: (id) => inWords(() => resource.delete(id)),
  }
}

/** The wire carries a message only: the hint and the last lines of a process go into it. */
async function inWords<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof PipiError)) throw error
    const lines = Array.isArray(error.data.lines) ? error.data.lines.map((line) => `  | ${line}`) : []
    throw new Error([error.message, ...lines, ...(error.hint === undefined ? [] : [error.hint])].join('\n'), {
      cause: error,
    })
  }
}
