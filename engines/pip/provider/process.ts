import type { CheckFailure, Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { checkBy } from '../../../stacks/provider/check-by.ts'
import { plain, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'
import { type ProcessSpec, type ProcessStatus, processSpecSchema } from '../supervisor/spec.ts'

export const PROCESS = 'pip:host/process:Process'
/** The data source that lists them all. */
export const PROCESSES = 'pip:host/getProcesses:getProcesses'

export function checkProcess(inputs: Values): { inputs: Values; failures: CheckFailure[] } {
  return checkBy(processSpecSchema, inputs)
}

/** Everything but the name is changed in place: the new version starts beside the old one, and takes over its port. */
export function diffProcess(
  old: Values,
  now: Values,
): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean } {
  const all = changedProperties(old, now)
  // The same artifact may have been built at another place.
  const changed = all.includes('digest') ? all : all.filter((property) => property !== 'source' && property !== 'bytes')
  return {
    changes: changed.length > 0,
    replaces: changed.filter((property) => property === 'name'),
    deleteBeforeReplace: false,
  }
}

export function specOf(inputs: Values): ProcessSpec {
  return processSpecSchema.parse(plain(inputs))
}

/** What changes by itself (pid, memory, restarts) is no output: each refresh would show it as drift. */
export function outputsOf(status: ProcessStatus): Values {
  return { ...inputsOf(status), port: status.port, url: status.url }
}

export function inputsOf({ spec }: ProcessStatus): Values {
  return { ...spec, environment: new Secret(spec.environment) }
}

/** A process in the list of all: how it is, and what it was asked to be, without its environment, which is secret. */
export function listed({ spec, state, memory, port }: ProcessStatus): Values {
  const { environment: _secret, ...inputs } = spec
  return { ...inputs, state, memoryHeld: memory, port }
}

/** What a preview says of a process; an address that there is stays. */
export function previewOf(inputs: Values, status: ProcessStatus | undefined): Values {
  return { ...inputs, port: status?.port ?? UNKNOWN, url: status?.url ?? UNKNOWN }
}
