import { PartialFailure, type Values } from '../../../../stacks/contract/provider.ts'
import type { IbmCloud } from '../cloud.ts'
import { codeEngine, partsOf } from '../code-engine.ts'
import {
  codeOf,
  digestOf,
  type FoundFunction,
  type FunctionInputs,
  functionInputs,
  functionSchema,
  settingsOf,
  shown,
} from '../function-wire.ts'
import { resourceType } from '../resource-type.ts'

/** A function with its code inline and an address of its own. Its id is `<region>/<project>/<name>`. */
export const fn = resourceType({
  inputs: functionInputs,
  replaces: ['project', 'name'],
  local: ['source'],
  gives: ['url'],
  withinMs: 300_000,
  async create(given, cloud, urn) {
    const { project, name } = given
    const id = `${project}/${name}`
    const body = { name, ...settingsOf(given), ...(await codeOf(given)) }
    await cloud.make({ method: 'POST', url: codeEngine(project, '/functions'), body, urn }, () => find(cloud, id))
    return { id, outputs: await ready(cloud, id, given) }
  },
  async read(id, cloud, known) {
    const found = await find(cloud, id)
    return found && shown(id, found, known?.source)
  },
  async update(id, given, cloud, urn) {
    const found = await find(cloud, id)
    if (found === undefined) throw new Error(`there is no function ${id} any more`)
    const url = codeEngine(given.project, `/functions/${given.name}`)
    // A merge: what is not named stays. Whoever stops a function need not have its code at hand.
    const body = { ...settingsOf(given), ...(digestOf(found) === given.digest ? {} : await codeOf(given)) }
    const headers = { 'if-match': found.entity_tag, 'content-type': 'application/merge-patch+json' }
    // With another tag than it had, what was not answered has been taken.
    await cloud.make({ method: 'PATCH', url, body, headers, urn }, async () => {
      const now = await find(cloud, id)
      return now?.entity_tag === found.entity_tag ? undefined : now
    })
    return ready(cloud, id, given)
  },
  async remove(id, cloud, urn) {
    const { project, name } = partsOf(id)
    await cloud.ask({ method: 'DELETE', url: codeEngine(project, `/functions/${name}`), urn })
    await cloud.until(`the removal of function ${name}`, async () =>
      (await find(cloud, id)) === undefined ? true : undefined,
    )
  },
})

async function find(cloud: IbmCloud, id: string): Promise<FoundFunction | undefined> {
  const { project, name } = partsOf(id)
  const found = await cloud.ask({ method: 'GET', url: codeEngine(project, `/functions/${name}`) })
  return found && functionSchema.parse(found)
}

/** Waits until what was asked for answers. It exists by then, so what fails keeps its id. */
async function ready(cloud: IbmCloud, id: string, given: FunctionInputs): Promise<Values> {
  try {
    const found = await cloud.until(`the deployment of function ${given.name}`, async () => {
      const one = await find(cloud, id)
      const reason = one?.status_details?.reason
      if (one?.status === 'failed' || reason === 'ready_last_update_failed')
        throw new Error(`function ${given.name} was not deployed: ${reason ?? one?.status}`)
      const settled = one?.status === 'ready' && reason !== 'ready_update_in_progress'
      return settled || one?.status === 'offline' ? one : undefined
    })
    return shown(id, found, given.source).outputs
  } catch (error) {
    throw new PartialFailure(error instanceof Error ? error.message : String(error), id, { ...given, url: '' })
  }
}
