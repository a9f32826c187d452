import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'
import { TAG } from '../../../stacks/guard/tag.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { textAt, valueAt } from '../../demand/inputs.ts'

/** The provider's data source that lists a type in a compartment, and where in its answer the list is. */
const LISTS: Record<string, { token: string; at: string }> = {
  'oci:Core/instance:Instance': { token: 'oci:Core/getInstances:getInstances', at: 'instances' },
  'oci:Core/volume:Volume': { token: 'oci:Core/getVolumes:getVolumes', at: 'volumes' },
  'oci:Core/bootVolume:BootVolume': { token: 'oci:Core/getBootVolumes:getBootVolumes', at: 'bootVolumes' },
  'oci:Core/volumeBackup:VolumeBackup': { token: 'oci:Core/getVolumeBackups:getVolumeBackups', at: 'volumeBackups' },
  'oci:Core/vcn:Vcn': { token: 'oci:Core/getVcns:getVcns', at: 'virtualNetworks' },
  'oci:Core/subnet:Subnet': { token: 'oci:Core/getSubnets:getSubnets', at: 'subnets' },
  'oci:Core/internetGateway:InternetGateway': {
    token: 'oci:Core/getInternetGateways:getInternetGateways',
    at: 'gateways',
  },
  'oci:Core/serviceGateway:ServiceGateway': {
    token: 'oci:Core/getServiceGateways:getServiceGateways',
    at: 'serviceGateways',
  },
  'oci:Core/routeTable:RouteTable': { token: 'oci:Core/getRouteTables:getRouteTables', at: 'routeTables' },
  'oci:Core/securityList:SecurityList': { token: 'oci:Core/getSecurityLists:getSecurityLists', at: 'securityLists' },
  'oci:Database/autonomousDatabase:AutonomousDatabase': {
    token: 'oci:Database/getAutonomousDatabases:getAutonomousDatabases',
    at: 'autonomousDatabases',
  },
  'oci:Mysql/mysqlDbSystem:MysqlDbSystem': { token: 'oci:Mysql/getMysqlDbSystems:getMysqlDbSystems', at: 'dbSystems' },
  'oci:LoadBalancer/loadBalancer:LoadBalancer': {
    token: 'oci:LoadBalancer/getLoadBalancers:getLoadBalancers',
    at: 'loadBalancers',
  },
  'oci:NetworkLoadBalancer/networkLoadBalancer:NetworkLoadBalancer': {
    token: 'oci:NetworkLoadBalancer/getNetworkLoadBalancers:getNetworkLoadBalancers',
    at: 'networkLoadBalancerCollections.0.items',
  },
  'oci:Kms/vault:Vault': { token: 'oci:Kms/getVaults:getVaults', at: 'vaults' },
  'oci:Limits/quota:Quota': { token: 'oci:Limits/getQuotas:getQuotas', at: 'quotas' },
  'oci:Budget/budget:Budget': { token: 'oci:Budget/getBudgets:getBudgets', at: 'budgets' },
  'oci:Budget/rule:Rule': { token: 'oci:Budget/getAlertRules:getAlertRules', at: 'alertRules' },
}

/** The types that can be listed. */
export const LISTED: readonly string[] = Object.keys(LISTS)

const GONE = new Set(['TERMINATED', 'TERMINATING', 'DELETED', 'DELETING'])
const itemsSchema = z.array(z.looseObject({ id: z.string() }))
export type Item = z.infer<typeof itemsSchema>[number]

/**
 * A rule for a type whose id is given at creation: it is looked up by its name in the list of its compartment (a budget's
 * alarms: of their budget), and has to carry our tag.
 */
export function ruleByName(
  type: string,
  parts: Pick<ResourceRule, 'demand'> & Partial<Pick<ResourceRule, 'safe' | 'stateful'>>,
): ResourceRule {
  return {
    stateful: false,
    ...parts,
    tagProperty: 'freeformTags',
    lookup: (inputs) => ({
      parent: textAt(inputs, 'budgetId') ?? textAt(inputs, 'compartmentId') ?? null,
      name: textAt(inputs, 'displayName') ?? textAt(inputs, 'name') ?? null,
    }),
    find: (lookup, platform, owner) => findByName(type, lookup, platform, owner),
  }
}

/** What stands of a type in a compartment, without what is gone and still shown. */
export async function listIn(type: string, parent: string, platform: PlatformReader): Promise<Item[]> {
  const list = LISTS[type]
  if (list === undefined) throw new PipiError('recovery.needs-decision', `nothing lists ${type}`)
  const args = type === 'oci:Budget/rule:Rule' ? { budgetId: parent } : { compartmentId: parent }
  const answer = await platform.invoke(list.token, args)
  const items = itemsSchema.safeParse(valueAt(answer, list.at) ?? [])
  if (!items.success) {
    throw new PipiError('provider.failed', `expected a list at ${list.at} of ${list.token}, got something else`, {
      hint: 'try again later',
    })
  }
  return items.data.filter((item) => !GONE.has(String(item.state ?? item.lifecycleState)))
}

async function findByName(
  type: string,
  { parent, name }: Record<string, unknown>,
  platform: PlatformReader,
  owner: string,
): Promise<string | undefined> {
  if (typeof parent !== 'string' || typeof name !== 'string' || LISTS[type] === undefined) {
    throw new PipiError('recovery.needs-decision', `${type} without a name of its own cannot be looked up`, {
      hint: 'look at the platform itself for what carries our tag, then import or delete it',
    })
  }
  const found = (await listIn(type, parent, platform)).find(
    (item) => (item.displayName ?? item.name) === name && textAt(item, `freeformTags.${TAG.workspace}`) === owner,
  )
  if (found === undefined) return undefined
  // A rule is imported together with its budget.
  return type === 'oci:Budget/rule:Rule' ? `budgets/${parent}/alertRules/${found.id}` : found.id
}
