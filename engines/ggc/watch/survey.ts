import type { Found, Survey, WatchContext } from '../../contract/watch.ts'
import { OWN } from '../own-types.ts'
import { listFunctions, placeOf } from './functions.ts'
import { ASSETS, findAssets } from './survey/assets.ts'
import { findImages, REPOSITORY } from './survey/images.ts'
import { ownerOf } from './survey/owner.ts'
import { findServices, SERVICE } from './survey/services.ts'
import { BUCKET, findStorage, OBJECT } from './survey/storage.ts'

const FUNCTION = 'gcp:cloudfunctionsv2/function:Function'

/** What this survey lists; of other types its silence says nothing. */
export const types: readonly string[] = [
  ...[FUNCTION, SERVICE, BUCKET, OBJECT, REPOSITORY, OWN.image],
  ...Object.values(ASSETS).map((one) => one.type),
]

/** Everything of the project: what runs, storage and images from their own APIs, the rest from Cloud Asset's search. */
const survey: Survey = async (context) => [
  ...(await findFunctions(context)),
  ...(await findServices(context)),
  ...(await findStorage(context)),
  ...(await findImages(context)),
  ...(await findAssets(context)),
]

export default survey

async function findFunctions(context: WatchContext): Promise<Found[]> {
  const found = await listFunctions(context)
  return found.map(({ name: id, labels, buildConfig, serviceConfig, eventTrigger }) => {
    const { region, name } = placeOf(id)
    const { service: _service, ...config } = serviceConfig ?? {}
    return {
      type: FUNCTION,
      id,
      region,
      inputs: {
        name,
        location: region,
        buildConfig: buildConfig ?? {},
        // The API leaves a 0 out.
        serviceConfig: { minInstanceCount: 0, ...config },
        labels: labels ?? {},
        ...(eventTrigger === undefined ? {} : { eventTrigger }),
      },
      ...ownerOf(labels),
    }
  })
}
