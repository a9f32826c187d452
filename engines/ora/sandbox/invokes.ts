import type { Json, SimulatedCloud, StoredResource, World } from '../../../stacks/contract/sandbox.ts'
import { wasUpgraded } from './identify.ts'
import { usedOf } from './quotas.ts'
import { BUCKET, namespaceOf, TICKET } from './storage.ts'

type Invoke = NonNullable<SimulatedCloud['invokes']>[string]

/** The data sources that look-ups and watching use. */
export const invokes: Record<string, Invoke> = {
  'oci:Core/getInstances:getInstances': lists('oci:Core/instance:Instance', 'instances'),
  'oci:Core/getVolumes:getVolumes': lists('oci:Core/volume:Volume', 'volumes'),
  'oci:Core/getBootVolumes:getBootVolumes': lists('oci:Core/bootVolume:BootVolume', 'bootVolumes'),
  'oci:Core/getVolumeBackups:getVolumeBackups': lists('oci:Core/volumeBackup:VolumeBackup', 'volumeBackups'),
  'oci:Core/getVcns:getVcns': lists('oci:Core/vcn:Vcn', 'virtualNetworks'),
  'oci:Core/getSubnets:getSubnets': lists('oci:Core/subnet:Subnet', 'subnets'),
  'oci:Core/getInternetGateways:getInternetGateways': lists('oci:Core/internetGateway:InternetGateway', 'gateways'),
  'oci:Core/getRouteTables:getRouteTables': lists('oci:Core/routeTable:RouteTable', 'routeTables'),
  'oci:Core/getServiceGateways:getServiceGateways': lists('oci:Core/serviceGateway:ServiceGateway', 'serviceGateways'),
  'oci:Core/getServices:getServices': async (_args, { region }) => ({
    services: ['Object Storage', 'Services In Oracle Services Network'].map((what, at) => ({
      id: `ocid1.service.oc1.${region}.${at}`,
      name: at === 0 ? `OCI ${region} ${what}` : `All ${region} ${what}`,
      cidrBlock: at === 0 ? `oci-${region}-objectstorage` : `all-${region}-services-in-oracle-services-network`,
    })),
  }),
  'oci:Core/getSecurityLists:getSecurityLists': lists('oci:Core/securityList:SecurityList', 'securityLists'),
  'oci:Core/getImages:getImages': async (args, { region }) => ({
    images: args.shape === 'VM.Standard.A1.Flex' ? [{ id: `ocid1.image.oc1.${region}.oraclelinux9aarch64` }] : [],
  }),
  'oci:Identity/getAvailabilityDomains:getAvailabilityDomains': async (_args, { region }) => ({
    availabilityDomains: [1, 2, 3].map((number) => ({ name: `Pipi:${region.toUpperCase()}-AD-${number}` })),
  }),
  'oci:Identity/getRegionSubscriptions:getRegionSubscriptions': async () => ({
    regionSubscriptions: [
      { regionName: 'us-ashburn-1', regionKey: 'IAD', isHomeRegion: true, status: 'READY' },
      { regionName: 'eu-frankfurt-1', regionKey: 'FRA', isHomeRegion: false, status: 'READY' },
    ],
  }),
  'oci:ObjectStorage/getBucketSummaries:getBucketSummaries': async (args, world) => ({
    bucketSummaries: await listed(BUCKET, args, world),
  }),
  'oci:ObjectStorage/getNamespace:getNamespace': async (_args, { cloudAccount }) => ({
    namespace: namespaceOf(cloudAccount),
  }),
  'oci:ObjectStorage/getPreauthrequests:getPreauthrequests': async (args, world) => ({
    preauthenticatedRequests: (await world.list(TICKET))
      .filter((one) => one.inputs.namespace === args.namespace && one.inputs.bucket === args.bucket)
      .map((one) => ({ id: one.id.split('/').at(-1), name: one.inputs.name, accessType: one.inputs.accessType })),
  }),
  'oci:Database/getAutonomousDatabases:getAutonomousDatabases': lists(
    'oci:Database/autonomousDatabase:AutonomousDatabase',
    'autonomousDatabases',
  ),
  'oci:Mysql/getMysqlDbSystems:getMysqlDbSystems': lists('oci:Mysql/mysqlDbSystem:MysqlDbSystem', 'dbSystems'),
  'oci:LoadBalancer/getLoadBalancers:getLoadBalancers': lists(
    'oci:LoadBalancer/loadBalancer:LoadBalancer',
    'loadBalancers',
  ),
  'oci:NetworkLoadBalancer/getNetworkLoadBalancers:getNetworkLoadBalancers': async (args, world) => ({
    networkLoadBalancerCollections: [
      { items: await listed('oci:NetworkLoadBalancer/networkLoadBalancer:NetworkLoadBalancer', args, world) },
    ],
  }),
  'oci:Limits/getQuotas:getQuotas': lists('oci:Limits/quota:Quota', 'quotas'),
  'oci:Budget/getBudgets:getBudgets': lists('oci:Budget/budget:Budget', 'budgets'),
  'oci:Budget/getAlertRules:getAlertRules': async (args, world) => ({
    alertRules: (await world.list('oci:Budget/rule:Rule'))
      .filter((one) => one.inputs.budgetId === args.budgetId)
      .map((one) => ({ ...shown(one), id: one.id.split('/').at(-1) })),
  }),
  'oci:Limits/getResourceAvailability:getResourceAvailability': availability,
  'oci:Identity/getTenancy:getTenancy': async (args, world) => {
    if (args.tenancyId !== world.cloudAccount)
      throw new Error('404-NotAuthorizedOrNotFound, Authorization failed or requested resource not found.')
    return { id: world.cloudAccount, tenancyId: world.cloudAccount, name: 'pipi', homeRegionKey: 'IAD' }
  },
  'oci:OspGateway/getSubscriptions:getSubscriptions': async (_args, world) => ({
    subscriptionCollections: [
      {
        items: [
          wasUpgraded(world.cloudAccount)
            ? { planType: 'PAYG', upgradeState: 'UPGRADED' }
            : { planType: 'FREE_TIER', upgradeState: 'PROMO' },
        ],
      },
    ],
  }),
}

function lists(type: string, at: string): Invoke {
  return async (args, world) => ({ [at]: await listed(type, args, world) })
}

/** A compartment's own things; the tenancy is the root one. */
async function listed(type: string, args: Json, world: World): Promise<Json[]> {
  return (await world.list(type)).filter((one) => one.inputs.compartmentId === args.compartmentId).map(shown)
}

function shown(one: StoredResource): Json {
  return { freeformTags: {}, ...one.inputs, ...one.outputs, id: one.id }
}

/** Limits by availability domain are asked with one, those of a region without. */
async function availability(args: Json, world: World): Promise<Json> {
  const name = String(args.limitName)
  const regional = name.includes('-regional-') || name === 'adb-free-count'
  if (regional === (args.availabilityDomain !== undefined))
    throw new Error(`400-InvalidParameter, Parameter 'availabilityDomain' does not fit the scope of ${name}`)
  const used = await usedOf(name, world)
  return { ...args, used: String(used), fractionalUsage: used, available: '' }
}
