import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, MONTH_S, overLimit, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleByName } from './find.ts'

type Inputs = Record<string, unknown>

/** The free shape has its own disk of this size. */
const HEATWAVE_GB = 50
const NOSQL_REGION = 'us-phoenix-1'
const NOSQL_GB = 25

export const databases: Record<string, ResourceRule> = {
  'oci:Database/autonomousDatabase:AutonomousDatabase': ruleByName(
    'oci:Database/autonomousDatabase:AutonomousDatabase',
    { stateful: true, safe: (inputs) => fillIn(inputs, { isFreeTier: true }), demand: autonomousDemand },
  ),
  'oci:Mysql/mysqlDbSystem:MysqlDbSystem': ruleByName('oci:Mysql/mysqlDbSystem:MysqlDbSystem', {
    stateful: true,
    demand: heatwaveDemand,
  }),
  'oci:Nosql/table:Table': ruleByName('oci:Nosql/table:Table', { stateful: true, demand: tableDemand }),
}

/** A free one burns nothing, used or not, and stops by itself when nobody uses it: nothing has to make it stand still. */
function autonomousDemand(inputs: Inputs): DemandAnswer {
  if (inputs.isFreeTier !== true) return unsafe('isFreeTier', inputs.isFreeTier, 'true')
  for (const paid of ['isAutoScalingEnabled', 'isAutoScalingForStorageEnabled', 'isDataGuardEnabled', 'isDedicated']) {
    if (inputs[paid] !== undefined && inputs[paid] !== false) return unsafe(paid, inputs[paid], 'false')
  }
  return takes(amount('oci-autonomous-db.databases', 1, 'proven', 'one free database, with 20 GB and one CPU'))
}

function heatwaveDemand(inputs: Inputs): DemandAnswer {
  const shape = textAt(inputs, 'shapeName')
  if (shape !== 'MySQL.Free') return unsafe('shapeName', shape, 'MySQL.Free')
  if (inputs.isHighlyAvailable !== undefined && inputs.isHighlyAvailable !== false)
    return unsafe('isHighlyAvailable', inputs.isHighlyAvailable, 'false')
  const size = numberAt(inputs, 'dataStorageSizeInGb') ?? HEATWAVE_GB
  if (size > HEATWAVE_GB)
    return overLimit('oci-heatwave.storage', `${size} GB asked, and the free system has ${HEATWAVE_GB}`, 'ask for less')
  return takes(amount('oci-heatwave.db-systems', 1, 'proven', `one system of the free shape with ${size} GB`))
}

/** A unit is one read or write a second, and more are refused: a bound by itself. */
function tableDemand(inputs: Inputs, { region }: DemandContext): DemandAnswer {
  if (region !== NOSQL_REGION) return unsafe('region', region, NOSQL_REGION)
  const mode = textAt(inputs, 'tableLimits.capacityMode') ?? 'PROVISIONED'
  if (mode !== 'PROVISIONED') return unsafe('tableLimits.capacityMode', mode, 'PROVISIONED')
  const [reads, writes, size] = ['maxReadUnits', 'maxWriteUnits', 'maxStorageInGbs'].map((key) =>
    numberAt(inputs, `tableLimits.${key}`),
  )
  if (reads === undefined || writes === undefined)
    return unsafe('tableLimits', valueAt(inputs, 'tableLimits'), 'maxReadUnits and maxWriteUnits')
  if (size === undefined || size > NOSQL_GB) return unsafe('tableLimits.maxStorageInGbs', size, `up to ${NOSQL_GB} GB`)
  return takes(
    amount('oci-nosql.tables', 1, 'proven', 'one table'),
    amount('oci-nosql.reads', reads * MONTH_S, 'proven', `${reads} units × ${MONTH_S} s`),
    amount('oci-nosql.writes', writes * MONTH_S, 'proven', `${writes} units × ${MONTH_S} s`),
  )
}
