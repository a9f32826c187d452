import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { DemandContext, ResourceRule } from '../../contract/engine.ts'
import { amount, atMost, least, MONTH_S, takes, unsafe } from '../../demand/answer.ts'
import { listAt, numberAt, textAt, valueAt } from '../../demand/inputs.ts'
import { ruleByArmId } from './by-arm-id.ts'

type Inputs = Record<string, unknown>

const MOST_REPLICAS = 2
/** How long a request is taken to keep a replica, with its share of the wait after the last one. */
const SECONDS = 2

export const containers: Record<string, ResourceRule> = {
  ...ruleByArmId('azure-native:app:ManagedEnvironment', { demand: environmentDemand }),
  ...ruleByArmId('azure-native:app:ContainerApp', { demand: appDemand }),
}

/** An environment itself is free; its logs, its network and machines of its own are not. */
function environmentDemand(inputs: Inputs): DemandAnswer {
  const logs = textAt(inputs, 'appLogsConfiguration.destination') ?? 'none'
  if (logs !== 'none' && logs !== '')
    return unsafe('appLogsConfiguration.destination', logs, 'none: a workspace for logs is charged')
  if (inputs.vnetConfiguration !== undefined)
    return unsafe('vnetConfiguration', true, 'none: its addresses are charged')
  if (inputs.zoneRedundant !== undefined && inputs.zoneRedundant !== false)
    return unsafe('zoneRedundant', inputs.zoneRedundant, 'false')
  const profiles = listAt(inputs, 'workloadProfiles') as Inputs[]
  const own = profiles.find((profile) => profile.workloadProfileType !== 'Consumption')
  return own === undefined ? takes() : unsafe('workloadProfiles', own.workloadProfileType, 'Consumption')
}

function appDemand(inputs: Inputs, { expect }: DemandContext): DemandAnswer {
  const least0 = numberAt(inputs, 'template.scale.minReplicas')
  if (least0 !== 0) return unsafe('template.scale.minReplicas', least0, '0')
  const most = numberAt(inputs, 'template.scale.maxReplicas')
  if (most === undefined || most < 1 || most > MOST_REPLICAS)
    return unsafe('template.scale.maxReplicas', most, `1 to ${MOST_REPLICAS}`)
  const profile = textAt(inputs, 'workloadProfileName') ?? 'Consumption'
  if (profile !== 'Consumption') return unsafe('workloadProfileName', profile, 'Consumption')
  const parts = (listAt(inputs, 'template.containers') as Inputs[]).map((part) => ({
    cpu: numberAt(part, 'resources.cpu'),
    memory: gibibytes(valueAt(part, 'resources.memory')),
  }))
  if (parts.length === 0 || parts.some(({ cpu, memory }) => cpu === undefined || memory === undefined))
    return unsafe('template.containers', parts, 'containers with resources.cpu and resources.memory (in Gi)')
  const cpu = parts.reduce((sum, part) => sum + (part.cpu ?? 0), 0)
  const memory = parts.reduce((sum, part) => sum + (part.memory ?? 0), 0)
  const line = (meter: string, size: number, unit: string) =>
    atMost(
      least(
        amount(meter, size * most * MONTH_S, 'proven', `${most} at once × ${size} ${unit} × ${MONTH_S} s`),
        amount(
          meter,
          expect.requests * SECONDS * size,
          'watched',
          `${expect.requests} requests × ${SECONDS} s × ${size} ${unit}`,
        ),
      ),
      size * most * 3600,
    )
  return takes(
    amount('azure-container-apps.requests', expect.requests, 'watched', `${expect.requests} expected a month`),
    line('azure-container-apps.cpu', cpu, 'vCPU'),
    line('azure-container-apps.memory', memory, 'GiB'),
  )
}

function gibibytes(value: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)Gi$/.exec(String(value))
  return match === null ? undefined : Number(match[1])
}
