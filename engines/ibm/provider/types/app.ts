import { PartialFailure, type Values } from '../../../../stacks/contract/provider.ts'
import { type AppInputs, appInputs, appSchema, type FoundApp, isAnother, settingsOf, shown } from '../app-wire.ts'
import type { IbmCloud } from '../cloud.ts'
import { codeEngine, partsOf } from '../code-engine.ts'
import { resourceType } from '../resource-type.ts'

const LAST_FAILED = 'ready_but_latest_revision_failed'

/** An image that is run while somebody asks for it, with an address of its own. Its id is `<region>/<project>/<name>`. */
export const app = resourceType({
  inputs: appInputs,
  replaces: ['project', 'name'],
  gives: ['url'],
  withinMs: 600_000,
  async create(given, cloud, urn) {
    const { project, name } = given
    const id = `${project}/${name}`
    const body = { name, ...settingsOf(given) }
    await cloud.make({ method: 'POST', url: codeEngine(project, '/apps'), body, urn }, () => find(cloud, id))
    return { id, outputs: await ready(cloud, id, given, undefined) }
  },
  async read(id, cloud, known) {
    const found = await find(cloud, id)
    return found && shown(id, found, known)
  },
  async update(id, given, cloud, urn) {
    const found = await find(cloud, id)
    if (found === undefined) throw new Error(`there is no app ${id} any more`)
    const url = codeEngine(given.project, `/apps/${given.name}`)
    const headers = { 'if-match': found.entity_tag, 'content-type': 'application/merge-patch+json' }
    // With another tag than it had, what was not answered has been taken.
    await cloud.make({ method: 'PATCH', url, body: settingsOf(given), headers, urn }, async () => {
      const now = await find(cloud, id)
      return now?.entity_tag === found.entity_tag ? undefined : now
    })
    return ready(cloud, id, given, isAnother(found, given) ? found : undefined)
  },
  async remove(id, cloud, urn) {
    const { project, name } = partsOf(id)
    await cloud.ask({ method: 'DELETE', url: codeEngine(project, `/apps/${name}`), urn })
    await cloud.until(`the removal of app ${name}`, async () =>
      (await find(cloud, id)) === undefined ? true : undefined,
    )
  },
})

async function find(cloud: IbmCloud, id: string): Promise<FoundApp | undefined> {
  const { project, name } = partsOf(id)
  const found = await cloud.ask({ method: 'GET', url: codeEngine(project, `/apps/${name}`) })
  return found && appSchema.parse(found)
}

/**
 * Waits until the last revision, which is another one than that of `before`, was started once and is well. The app exists
 * by then, so what fails keeps its id.
 */
async function ready(cloud: IbmCloud, id: string, given: AppInputs, before: FoundApp | undefined): Promise<Values> {
  try {
    const found = await cloud.until(`the deployment of app ${given.name}`, async () => {
      const one = await find(cloud, id)
      const { reason, latest_created_revision: made, latest_ready_revision: well } = one?.status_details ?? {}
      // Until there is another revision, all that is told is of the one before.
      if (before !== undefined && made === before.status_details?.latest_created_revision) return undefined
      // The revision before may still answer, where there was one: the new one does not.
      if (one?.status === 'failed' || (one?.status === 'warning' && reason === LAST_FAILED))
        throw new Error(`app ${given.name} was not deployed: ${reason ?? one.status}`)
      return one?.status === 'ready' && made === well ? one : undefined
    })
    return shown(id, found, given).outputs
  } catch (error) {
    throw new PartialFailure(error instanceof Error ? error.message : String(error), id, { ...given, url: '' })
  }
}
