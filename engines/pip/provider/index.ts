import { PipiError } from '../../../catalog/errors.ts'
import type { ConfiguredProvider, TypeScriptProvider } from '../../../stacks/contract/provider.ts'
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

function configured(supervisor: SupervisorClient): ConfiguredProvider {
  return {
    check: async (type, inputs) => of(type, () => checkProcess(inputs)),
    diff: async (type, _id, old, now) => of(type, () => diffProcess(old, now)),
    create: (type, inputs, _urn, preview) =>
      of(type, async () => {
        if (preview) return { id: '', outputs: previewOf(inputs, undefined) }
        const made = await supervisor.setProcess(specOf(inputs))
        return { id: made.spec.name, outputs: outputsOf(made) }
      }),
    read: (type, id) =>
      of(type, async () => {
        const found = await supervisor.process(id)
        return found && { id, inputs: inputsOf(found), outputs: outputsOf(found) }
      }),
    update: (type, id, _old, now, _urn, preview) =>
      of(type, async () => ({
        outputs: preview
          ? previewOf(now, await supervisor.process(id))
          : outputsOf(await supervisor.setProcess(specOf(now))),
      })),
    delete: (type, id) => of(type, () => supervisor.removeProcess(id)),
    invoke: async (token) => {
      if (token !== PROCESSES) throw new Error(`Hosts have no data source ${token}, only ${PROCESSES}`)
      return { processes: (await supervisor.processes()).map(listed) }
    },
  }
}

/** The wire carries a message only: the hint and the last lines of a process go into it. */
async function of<T>(type: string, act: () => T | Promise<T>): Promise<T> {
  if (type !== PROCESS) throw new Error(`Hosts have no ${type}, only ${PROCESS}`)
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof PipiError)) throw error
    const lines = Array.isArray(error.data.lines) ? error.data.lines.map((line) => `  | ${line}`) : []
    const hints = error.hint === undefined ? [] : [error.hint]
    throw new Error([error.message, ...lines, ...hints].join('\n'), { cause: error })
  }
}
