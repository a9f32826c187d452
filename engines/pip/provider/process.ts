import type { Values } from '../../../stacks/contract/provider.ts'
import { Secret } from '../../../stacks/wire/values.ts'
import { type ProcessSpec, type ProcessStatus, processSpecSchema } from '../supervisor/spec.ts'
import type { HostResource } from './host-resource.ts'
import type { SupervisorClient } from './supervisor-client.ts'

/** `pip:host/process:Process`: a process that the host's supervisor keeps running behind one port. */
export function processResource(supervisor: SupervisorClient): HostResource<ProcessSpec> {
  return {
    schema: processSpecSchema,
    replaceOn: ['name'],
    idOf: ({ name }) => name,
    ignore: { properties: [], same: [] },
    computed: ['port', 'url'],
    async create(spec) {
      const made = await supervisor.setProcess(spec)
      return { id: spec.name, outputs: outputsOf(made) }
    },
    async read(id) {
      const found = await supervisor.process(id)
      return found && { inputs: inputsOf(found), outputs: outputsOf(found) }
    },
    async update(_, spec) {
      return outputsOf(await supervisor.setProcess(spec))
    },
    delete: (id) => supervisor.removeProcess(id),
  }
}

/** What changes by itself (pid, memory, restarts) is no output: each refresh would show it as drift. */
function outputsOf(status: ProcessStatus): Values {
  return { ...inputsOf(status), port: status.port, url: status.url }
}

function inputsOf({ spec }: ProcessStatus): Values {
  return { ...spec, environment: new Secret(spec.environment) }
}
