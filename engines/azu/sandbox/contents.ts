import type { Json, KeptAsset, Quota, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { OWN } from '../own-types.ts'
import { APP, STATIC_SITE, STOPPED } from './apps.ts'
import { COSMOS } from './data.ts'

/** An hour of CPU and 165 MB a day; then the app is stopped until the next one. */
const APP_QUOTA: Quota = { per: 'day', busyMs: 60 * 60_000, egressBytes: 165e6, shut: STOPPED }
/** 100 GB a month. */
const SITE_QUOTA: Quota = {
  per: 'month',
  egressBytes: 100e9,
  shut: { status: 503, text: 'The bandwidth of this app is used up.' },
}

/** What our own provider brings to the platform, and what the platform then does with it. */
export const contents: Record<string, SimulatedResource> = {
  [OWN.siteContent]: content('Microsoft.Web/staticSites', 'siteName', STATIC_SITE, siteServing),
  [OWN.appContent]: content('Microsoft.Web/sites', 'appName', APP, appServing),
  [OWN.password]: {
    replaceOn: ['name'],
    deleteBeforeReplace: true,
    secretOutputs: ['result'],
    create: async (inputs, world) => ({
      id: `password/${String(inputs.name)}`,
      outputs: { ...inputs, result: `Aa1-${world.hex(36)}` },
    }),
  },
  [OWN.accountKey]: {
    replaceOn: ['resourceGroupName', 'accountName'],
    deleteBeforeReplace: true,
    secretOutputs: ['connection'],
    async create(inputs, world) {
      const account = await required(COSMOS, 'accountName', inputs, world)
      const key = Buffer.from(world.hex(64)).toString('base64')
      return {
        id: `${account.id}/key`,
        outputs: { ...inputs, connection: `AccountEndpoint=${String(inputs.endpoint)};AccountKey=${key};` },
      }
    },
    update: async (_id, inputs, old) => ({ outputs: { ...inputs, connection: old.outputs.connection } }),
  },
}

function content(
  kind: string,
  key: string,
  type: string,
  serving: (inputs: Json, app: Json) => Serving,
): SimulatedResource {
  const brought = async (inputs: Json, world: World) => {
    const app = await required(type, key, inputs, world)
    return {
      id: `/subscriptions/${world.cloudAccount}/resourceGroups/${String(inputs.resourceGroupName)}/providers/${kind}/${String(inputs[key])}/content`,
      outputs: { ...inputs, url: app.outputs.address },
      serve: serving(inputs, app.inputs),
    }
  }
  return {
    replaceOn: ['resourceGroupName', key],
    deleteBeforeReplace: true,
    create: brought,
    update: (_id, inputs, _old, world) => brought(inputs, world),
  }
}

function siteServing(inputs: Json): Serving {
  const { kept } = inputs.package as KeptAsset
  if (inputs.settings === undefined)
    return { kind: 'static', zip: kept, root: 'app', notFound: '404.html', quota: SITE_QUOTA }
  return {
    kind: 'handler',
    zip: kept,
    adapter: new URL('./managed-function.ts', import.meta.url).href,
    options: {},
    environment: inputs.settings as Record<string, string>,
    timeoutMs: 45_000,
    quota: SITE_QUOTA,
  }
}

function appServing(inputs: Json, app: Json): Serving {
  return {
    kind: 'handler',
    zip: (inputs.package as KeptAsset).kept,
    adapter: new URL('./app-service-runtime.ts', import.meta.url).href,
    options: { command: String(((app.siteConfig ?? {}) as Json).appCommandLine) },
    environment: inputs.settings as Record<string, string>,
    timeoutMs: 230_000,
    quota: APP_QUOTA,
  }
}

async function required(type: string, key: string, inputs: Json, world: World) {
  const found = (await world.list(type)).find(
    (one) => one.outputs.name === inputs[key] && one.inputs.resourceGroupName === inputs.resourceGroupName,
  )
  if (found !== undefined) return found
  throw new Error(`Code="ResourceNotFound" Message="The resource '${String(inputs[key])}' was not found."`)
}
