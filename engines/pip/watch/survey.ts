import { TAG } from '../../../stacks/guard/tag.ts'
import type { Survey } from '../../contract/watch.ts'
import { PROCESS } from '../provider/process.ts'
import { STORE } from '../provider/store.ts'
import { listProcesses, listStores } from './processes.ts'

export const types: readonly string[] = [PROCESS, STORE]

/** Everything that the supervisor runs or keeps. What else runs on the host is its owner's, and outside our half. */
const survey: Survey = async (context) => {
  const [processes, stores] = await Promise.all([listProcesses(context), listStores(context)])
  const item = (type: string, inputs: { name: string; labels: Record<string, string> }) => {
    const [workspace, urn] = [inputs.labels[TAG.workspace], inputs.labels[TAG.urn]]
    return {
      type,
      id: inputs.name,
      region: 'host',
      inputs,
      ...(workspace === undefined ? {} : { owner: { workspace, ...(urn === undefined ? {} : { urn }) } }),
    }
  }
  return [
    ...processes.map(({ state: _state, memoryHeld: _held, port: _port, ...inputs }) => item(PROCESS, inputs)),
    ...stores.map(({ held: _held, ...inputs }) => item(STORE, inputs)),
  ]
}

export default survey
