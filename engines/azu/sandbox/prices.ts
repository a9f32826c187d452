import type { BilledAccount, BillLine, Json, StoredResource } from '../../../stacks/contract/sandbox.ts'

/**
 * The witness' price list for Azure, USD. It is written by itself and shares nothing with the catalogue or the rules: two
 * books kept by two hands.
 */
const PRICE = {
  planHour: { D1: 0.013, B1: 0.018, B2: 0.036, S1: 0.1, P0v3: 0.155, EP1: 0.22 } as Record<string, number>,
  otherPlanHour: 0.3,
  siteMonth: 9,
  machineHour: 0.0104,
  addressHour: 0.005,
  registryMonth: 5,
  sqlHour: 0.52,
  cosmosHour: 0.008,
}
const FREE_PLANS = ['F1', 'FC1', 'Y1']
const HOUR = 3_600_000

/** What Microsoft would charge for the month of `now`, up to `now`. With a spending limit on it cannot charge. */
export function bill(account: BilledAccount): BillLine[] {
  if (account.plan === 'free-account-credit' || account.plan === 'students') return []
  const now = new Date(account.now)
  const start = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)
  const hours = (one: StoredResource): number =>
    Math.max(0, (Math.min(account.now, one.deletedAt ?? account.now) - Math.max(start, one.createdAt)) / HOUR)
  return account.resources.flatMap((one) => {
    const line = lineOf(one, hours(one))
    return line === undefined || hours(one) === 0 ? [] : [line]
  })
}

function lineOf(one: StoredResource, hours: number): BillLine | undefined {
  const sku = String(((one.inputs.sku ?? {}) as Json).name)
  switch (one.type) {
    case 'azure-native:web:AppServicePlan':
      return FREE_PLANS.includes(sku)
        ? undefined
        : line(one, `Plan ${sku}`, hours, 'h', hours * (PRICE.planHour[sku] ?? PRICE.otherPlanHour))
    case 'azure-native:web:StaticSite':
      return sku === 'Free' ? undefined : line(one, `Static Web App ${sku}`, 1, 'month', PRICE.siteMonth)
    case 'azure-native:compute:VirtualMachine':
      return line(one, 'Machine', hours, 'h', hours * PRICE.machineHour)
    case 'azure-native:network:PublicIPAddress':
      return line(one, 'Public address', hours, 'h', hours * PRICE.addressHour)
    case 'azure-native:containerregistry:Registry':
      return line(one, 'Registry', 1, 'month', PRICE.registryMonth)
    case 'azure-native:sql:Database':
      return one.inputs.useFreeLimit === true && one.inputs.freeLimitExhaustionBehavior === 'AutoPause'
        ? undefined
        : line(one, 'SQL database', hours, 'h', hours * PRICE.sqlHour)
    case 'azure-native:cosmosdb:DatabaseAccount':
      return one.inputs.enableFreeTier === true
        ? undefined
        : line(one, 'Cosmos DB account', hours, 'h', hours * PRICE.cosmosHour)
    default:
      return undefined
  }
}

function line(one: StoredResource, item: string, quantity: number, unit: string, amount: number): BillLine {
  return { resource: one.id, item, quantity, unit, amount }
}
