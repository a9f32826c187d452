import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, MONTH_H, overLimit, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, listAt, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleByArmId } from './by-arm-id.ts'

type Inputs = Record<string, unknown>

const SQL_BYTES = 32 * 2 ** 30
const COSMOS_UNITS = 1000
/** What an account is expected to hold; nothing in its settings holds it. */
const COSMOS_EXPECTED_GB = 1
/** A kilobyte written takes five units, and a second has a thousand. */
const COSMOS_GB_PER_HOUR = 0.72
const FLEXIBLE_GB = 32

export const databases: Record<string, ResourceRule> = {
  ...ruleByArmId('azure-native:sql:Server', { stateful: true, demand: () => takes() }),
  ...ruleByArmId('azure-native:sql:Database', {
    stateful: true,
    safe: (inputs) =>
      fillIn(inputs, {
        useFreeLimit: true,
        freeLimitExhaustionBehavior: 'AutoPause',
        requestedBackupStorageRedundancy: 'Local',
      }),
    demand: sqlDemand,
  }),
  ...ruleByArmId('azure-native:sql:FirewallRule', { demand: () => takes() }),
  ...ruleByArmId('azure-native:cosmosdb:SqlResourceSqlDatabase', { stateful: true, demand: throughputDemand }),
  ...ruleByArmId('azure-native:cosmosdb:DatabaseAccount', {
    stateful: true,
    safe: (inputs) => fillIn(inputs, { enableFreeTier: true, capacity: { totalThroughputLimit: COSMOS_UNITS } }),
    demand: cosmosDemand,
  }),
  ...ruleByArmId('azure-native:dbforpostgresql:Server', { stateful: true, demand: flexibleDemand }),
  ...ruleByArmId('azure-native:dbformysql:Server', { stateful: true, demand: flexibleDemand }),
}

/** Paused until next month when the month's share is used: it cannot be charged. */
function sqlDemand(inputs: Inputs): DemandAnswer {
  if (inputs.useFreeLimit !== true) return unsafe('useFreeLimit', inputs.useFreeLimit, 'true')
  const behavior = textAt(inputs, 'freeLimitExhaustionBehavior')
  if (behavior !== 'AutoPause') return unsafe('freeLimitExhaustionBehavior', behavior, 'AutoPause')
  const copies = textAt(inputs, 'requestedBackupStorageRedundancy')
  if (copies !== 'Local') return unsafe('requestedBackupStorageRedundancy', copies, 'Local')
  for (const paid of ['elasticPoolId', 'longTermRetentionBackupResourceId', 'highAvailabilityReplicaCount']) {
    if (inputs[paid] !== undefined) return unsafe(paid, inputs[paid], 'none: it is charged')
  }
  const bytes = numberAt(inputs, 'maxSizeBytes') ?? SQL_BYTES
  if (bytes > SQL_BYTES)
    return overLimit('azure-sql-free-offer.data', `${bytes} bytes asked, and one has ${SQL_BYTES}`, 'ask for less')
  return takes(amount('azure-sql-free-offer.databases', 1, 'proven', 'one database that pauses at its limit'))
}

function cosmosDemand(inputs: Inputs): DemandAnswer {
  if (inputs.enableFreeTier !== true) return unsafe('enableFreeTier', inputs.enableFreeTier, 'true')
  const units = numberAt(inputs, 'capacity.totalThroughputLimit')
  if (units === undefined || units < 0 || units > COSMOS_UNITS)
    return unsafe('capacity.totalThroughputLimit', units, `up to ${COSMOS_UNITS}`)
  if (listAt(inputs, 'locations').length > 1) return unsafe('locations', inputs.locations, 'one: copies are charged')
  for (const paid of ['enableMultipleWriteLocations', 'enableAnalyticalStorage', 'enableBurstCapacity']) {
    if (inputs[paid] !== undefined && inputs[paid] !== false) return unsafe(paid, inputs[paid], 'false')
  }
  const features = listAt(inputs, 'capabilities').map((one) => valueAt(one as Inputs, 'name'))
  if (features.includes('EnableServerless')) return unsafe('capabilities', features, 'none of EnableServerless')
  return takes(
    amount('azure-cosmos-free.accounts', 1, 'proven', `one account with ${units} RU/s at most`),
    atMost(
      amount('azure-cosmos-free.storage', COSMOS_EXPECTED_GB, 'watched', `${COSMOS_EXPECTED_GB} GB expected`),
      COSMOS_GB_PER_HOUR,
    ),
  )
}

/** The account's cap holds all of it, so a database only has to stay below. */
function throughputDemand(inputs: Inputs): DemandAnswer {
  const scaled = numberAt(inputs, 'options.autoscaleSettings.maxThroughput')
  const units = scaled ?? numberAt(inputs, 'options.throughput')
  if (units === undefined || units > COSMOS_UNITS) return unsafe('options.throughput', units, `up to ${COSMOS_UNITS}`)
  return takes(amount('azure-cosmos-free.throughput', units, 'proven', `${units} RU/s for all its containers`))
}

function flexibleDemand(inputs: Inputs): DemandAnswer {
  const sku = textAt(inputs, 'sku.name')
  if (sku !== 'Standard_B1ms') return unsafe('sku.name', sku, 'Standard_B1ms')
  const size = numberAt(inputs, 'storage.storageSizeGB')
  if (size === undefined || size > FLEXIBLE_GB) return unsafe('storage.storageSizeGB', size, `up to ${FLEXIBLE_GB} GB`)
  const grows = textAt(inputs, 'storage.autoGrow') ?? 'Disabled'
  if (grows !== 'Disabled') return unsafe('storage.autoGrow', grows, 'Disabled')
  const standby = textAt(inputs, 'highAvailability.mode') ?? 'Disabled'
  if (standby !== 'Disabled') return unsafe('highAvailability.mode', standby, 'Disabled')
  return takes(
    amount('azure-postgres-mysql.B1ms-hours', MONTH_H, 'proven', `one server × ${MONTH_H} h`),
    amount('azure-postgres-mysql.storage', size, 'proven', `${size} GB of disk`),
  )
}
