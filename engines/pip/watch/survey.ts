import { TAG } from '../../../stacks/guard/tag.ts'
import type { Found, Survey, WatchContext } from '../../contract/watch.ts'
import { DATABASE } from '../provider/database.ts'
import { PROCESS } from '../provider/process.ts'
import { STORE } from '../provider/store.ts'
import { listDatabases, listProcesses, listStores } from './processes.ts'

export const types: readonly string[] = [PROCESS, STORE, DATABASE]

/**
 * Everything that the supervisors run or keep. What else runs on a host is its owner's, and outside our part. While a
 * host is away there is no survey: what is not listed would seem to be gone.
 */
const survey: Survey = async (context) =>
  (await Promise.all(context.regions.map((host) => surveyHost(context, host)))).flat()

export default survey

async function surveyHost(context: WatchContext, host: string): Promise<Found[]> {
  const [processes, stores, databases] = await Promise.all([
    listProcesses(context, host),
    listStores(context, host),
    listDatabases(context, host),
  ] as const)
  const item = (type: string, inputs: { name: string; labels: Record<string, string> }): Found => {
    const [workspace, urn] = [inputs.labels[TAG.workspace], inputs.labels[TAG.urn]]
    return {
      type,
      id: inputs.name,
      region: host,
      inputs,
      ...(workspace === undefined ? {} : { owner: { workspace, ...(urn === undefined ? {} : { urn }) } }),
    }
  }
  return [
    ...processes.map(({ state: _state, memoryHeld: _held, port: _port, ...inputs }) => item(PROCESS, inputs)),
    ...stores.map(({ held: _held, ...inputs }) => item(STORE, inputs)),
    ...databases.map(({ state: _state, memoryHeld: _memory, held: _held, port: _port, room: _room, ...inputs }) =>
      item(DATABASE, inputs),
    ),
  ]
}
