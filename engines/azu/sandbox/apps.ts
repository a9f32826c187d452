import type { Json, Shut } from '../../../stacks/contract/sandbox.ts'
import { OWN } from '../own-types.ts'
import type { Special } from './things.ts'

export const STATIC_SITE = 'azure-native:web:StaticSite'
export const PLAN = 'azure-native:web:AppServicePlan'
export const APP = 'azure-native:web:WebApp'

/** As Azure answers for an app that is stopped, by its owner or by its quota. */
export const STOPPED: Shut = { status: 403, text: 'Error 403 - This web app is stopped.' }

const STATIC_REGIONS = ['westus2', 'centralus', 'eastus2', 'westeurope', 'eastasia']
const FREE_SITES = 10
const FREE_APPS = 10

/** Apps of the free plans. They answer with their content, which comes on its own way; until then nobody is there. */
export const apps: Record<string, Special> = {
  [STATIC_SITE]: {
    async refuse(inputs, world) {
      const location = String(inputs.location ?? world.region)
      if (!STATIC_REGIONS.includes(location))
        throw new Error(
          `Code="LocationNotAvailableForResourceType" Message="The provided location '${location}' is not available for resource type 'Microsoft.Web/staticSites'. List of available regions for the resource type is '${STATIC_REGIONS.join(',')}'."`,
        )
      if (skuOf(inputs) !== 'Free') return
      const free = (await world.list(STATIC_SITE)).filter((one) => skuOf(one.inputs) === 'Free')
      if (free.length >= FREE_SITES)
        throw new Error(
          `Code="SkuCode 'Free' is invalid." Message="The maximum number of free static web apps (${FREE_SITES}) is reached."`,
        )
    },
    tell: (_name, inputs, world) => ({
      defaultHostname: `${word(world.hex(8))}.${inputs.location === 'eastasia' ? 6 : 3}.azurestaticapps.net`,
      contentDistributionEndpoint: 'https://content-am2.infrastructure.azurestaticapps.net',
    }),
    serve: (id) => ({ kind: 'alias', of: { type: OWN.siteContent, id: `${id}/content` }, urlOutput: 'address' }),
  },
  [PLAN]: {
    async refuse(inputs, world) {
      if (skuOf(inputs) !== 'F1' || inputs.reserved !== true) return
      const there = (await world.list(PLAN)).find(
        (one) => skuOf(one.inputs) === 'F1' && one.inputs.reserved === true && one.outputs.location === inputs.location,
      )
      if (there !== undefined)
        throw new Error(
          `Code="Conflict" Message="The maximum number of free Linux App Service plans in a region (1) is reached in ${String(inputs.location)}."`,
        )
    },
  },
  [APP]: {
    worldwide: true,
    replaceOn: ['kind'],
    async refuse(inputs, world) {
      const plan = (await world.list(PLAN)).find((one) => one.id === inputs.serverFarmId)
      if (plan === undefined)
        throw new Error(`Code="NotFound" Message="Cannot find ServerFarm with name ${String(inputs.serverFarmId)}."`)
      if (skuOf(plan.inputs) !== 'F1') return
      if ((inputs.siteConfig as Json | undefined)?.alwaysOn === true)
        throw new Error('Code="Conflict" Message="AlwaysOn cannot be set for this site as the plan does not allow it."')
      if ((await world.list(APP)).filter((one) => one.inputs.serverFarmId === plan.id).length >= FREE_APPS)
        throw new Error(`Code="Conflict" Message="A free plan has at most ${FREE_APPS} apps."`)
    },
    tell: (name, inputs) => ({
      defaultHostName: `${name}.azurewebsites.net`,
      state: inputs.enabled === false ? 'Stopped' : 'Running',
    }),
    serve: (id, inputs) => ({
      kind: 'alias',
      of: { type: OWN.appContent, id: `${id}/content` },
      urlOutput: 'address',
      ...(inputs.enabled === false ? { shut: STOPPED } : {}),
    }),
  },
}

function skuOf(inputs: Json): string {
  return String(((inputs.sku ?? {}) as Json).name)
}

/** Names as Azure makes them for static web apps. */
function word(hex: string): string {
  return `quiet-river-0${hex}`
}
