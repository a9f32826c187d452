import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, least, MONTH_S, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, listAt, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { placeOf } from '../../demand/place.ts'
import { ruleByArmId } from './by-arm-id.ts'

type Inputs = Record<string, unknown>

const FREE_PLANS = ['F1', 'FC1', 'Y1']
/** GB-s a day: 31 of them fit what is free in a month. The platform stops the app for the day when it is used up. */
const SAFE_DAY = 12_000
const MOST_DAY = 400_000 / 31
/** A request is expected to take a second. */
const SECONDS = 1

export const hosting: Record<string, ResourceRule> = {
  ...ruleByArmId('azure-native:web:StaticSite', {
    safe: (inputs) => fillIn(inputs, { sku: { name: 'Free', tier: 'Free' } }),
    demand: siteDemand,
  }),
  ...ruleByArmId('azure-native:web:AppServicePlan', { demand: planDemand }),
  ...ruleByArmId('azure-native:web:WebApp', {
    safe: (inputs) => (isConsumption(inputs) ? fillIn(inputs, { dailyMemoryTimeQuota: SAFE_DAY }) : inputs),
    // A stopped app is answered for by Azure itself, with 403.
    suspended: (inputs) => ({ ...inputs, enabled: false }),
    demand: appDemand,
  }),
}

function siteDemand(inputs: Inputs, { expect }: DemandContext): DemandAnswer {
  const sku = textAt(inputs, 'sku.name')
  if (sku !== 'Free') return unsafe('sku.name', sku, 'Free')
  const cdn = textAt(inputs, 'enterpriseGradeCdnStatus') ?? 'Disabled'
  if (cdn !== 'Disabled') return unsafe('enterpriseGradeCdnStatus', cdn, 'Disabled')
  return takes(
    amount('azure-static-web-apps.apps', 1, 'proven', 'one app'),
    // Of a free one the platform stops the answers at the limit, so no more can be charged.
    amount(
      'azure-static-web-apps.bandwidth',
      expect.egressMb / 1000,
      'proven',
      `${expect.egressMb} MB expected a month, and it stops at the limit`,
    ),
  )
}

function planDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  const sku = textAt(inputs, 'sku.name')
  if (sku === undefined || !FREE_PLANS.includes(sku)) return unsafe('sku.name', sku, FREE_PLANS.join(', '))
  for (const paid of ['elasticScaleEnabled', 'zoneRedundant', 'perSiteScaling']) {
    if (inputs[paid] !== undefined && inputs[paid] !== false) return unsafe(paid, inputs[paid], 'false')
  }
  if (sku !== 'F1' || inputs.reserved !== true) return takes()
  const { region } = placeOf(inputs, context)
  return takes(amount('azure-app-service-f1.linux-plans', 1, 'proven', `one free plan of Linux in ${region}`, region))
}

function appDemand(inputs: Inputs, context: DemandContext): DemandAnswer {
  if (valueAt(inputs, 'siteConfig.alwaysOn') === true) return unsafe('siteConfig.alwaysOn', true, 'false')
  if (!isFunction(inputs)) return takes(amount('azure-app-service-f1.apps', 1, 'proven', 'one app of the free plan'))
  return isConsumption(inputs) ? consumptionDemand(inputs, context) : flexDemand(inputs, context)
}

function consumptionDemand(inputs: Inputs, { expect }: DemandContext): DemandAnswer {
  const day = numberAt(inputs, 'dailyMemoryTimeQuota')
  if (day === undefined || day <= 0 || day > MOST_DAY)
    return unsafe('dailyMemoryTimeQuota', inputs.dailyMemoryTimeQuota, `1 to ${Math.floor(MOST_DAY)} GB-s a day`)
  // A run counts as 128 MB for 100 ms at least, so the quota of a day holds them as well.
  const runs = (day * 31) / (0.125 * 0.1)
  return takes(
    amount('azure-functions-consumption.compute', day * 31, 'proven', `${day} GB-s a day × 31`),
    atMost(
      least(
        amount('azure-functions-consumption.executions', runs, 'proven', `${day} GB-s a day in the smallest runs × 31`),
        amount(
          'azure-functions-consumption.executions',
          expect.requests,
          'watched',
          `${expect.requests} expected a month`,
        ),
      ),
      runs / 31,
    ),
  )
}

function flexDemand(inputs: Inputs, { expect }: DemandContext): DemandAnswer {
  const scale = 'functionAppConfig.scaleAndConcurrency'
  if (listAt(inputs, `${scale}.alwaysReady`).length > 0)
    return unsafe(`${scale}.alwaysReady`, valueAt(inputs, `${scale}.alwaysReady`), 'none: they run all the time')
  const memory = numberAt(inputs, `${scale}.instanceMemoryMB`)
  if (memory === undefined || ![512, 2048, 4096].includes(memory))
    return unsafe(`${scale}.instanceMemoryMB`, memory, '512, 2048, 4096')
  const most = numberAt(inputs, `${scale}.maximumInstanceCount`)
  if (most === undefined || most < 1 || most > 1000) return unsafe(`${scale}.maximumInstanceCount`, most, '1 to 1000')
  const gigabytes = memory / 1024
  return takes(
    amount('azure-functions-flex.executions', expect.requests, 'watched', `${expect.requests} expected a month`),
    atMost(
      least(
        amount(
          'azure-functions-flex.compute',
          most * gigabytes * MONTH_S,
          'proven',
          `${most} at once × ${gigabytes} GB`,
        ),
        amount(
          'azure-functions-flex.compute',
          expect.requests * SECONDS * gigabytes,
          'watched',
          `${expect.requests} requests × ${SECONDS} s × ${gigabytes} GB`,
        ),
      ),
      most * gigabytes * 3600,
    ),
  )
}

function isFunction(inputs: Inputs): boolean {
  return (textAt(inputs, 'kind') ?? '').includes('functionapp')
}

function isConsumption(inputs: Inputs): boolean {
  return isFunction(inputs) && inputs.functionAppConfig === undefined
}
