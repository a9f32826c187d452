import { TAG } from '../../../stacks/guard/tag.ts'
import type { Survey } from '../../contract/watch.ts'
import { PROCESS } from '../provider/process.ts'
import { listProcesses } from './processes.ts'

export const types: readonly string[] = [PROCESS]

/** Everything that the supervisor runs or keeps. What else runs on the host is its owner's, and outside our half. */
const survey: Survey = async (context) => {
  const processes = await listProcesses(context)
  return processes.map(({ state: _state, memoryHeld: _held, port: _port, ...inputs }) => {
    const [workspace, urn] = [inputs.labels[TAG.workspace], inputs.labels[TAG.urn]]
    return {
      type: PROCESS,
      id: inputs.name,
      region: 'host',
      inputs,
      ...(workspace === undefined ? {} : { owner: { workspace, ...(urn === undefined ? {} : { urn }) } }),
    }
  })
}

export default survey
