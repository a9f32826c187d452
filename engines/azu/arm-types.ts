/** How Azure itself names a type, and where the name of one is among its inputs. */
export interface ArmType {
  token: string
  /** As in resource ids: `Microsoft.Web/staticSites`, `Microsoft.Sql/servers/databases`. */
  arm: string
  /** Inputs with the names on the way down, the last one its own. */
  names: string[]
  /** Services of the catalogue by which it may be free; none: it carries no price. */
  services: string[]
  /** A part of another resource: it has no tags, and no list of the subscription names it. */
  part: boolean
}

/** What lies in a resource group. */
export const ARM_TYPES: readonly ArmType[] = [
  type('web:StaticSite', 'Microsoft.Web/staticSites', ['name'], ['azure-static-web-apps']),
  type(
    'web:AppServicePlan',
    'Microsoft.Web/serverfarms',
    ['name'],
    ['azure-app-service-f1', 'azure-functions-flex', 'azure-functions-consumption'],
  ),
  type(
    'web:WebApp',
    'Microsoft.Web/sites',
    ['name'],
    ['azure-app-service-f1', 'azure-functions-flex', 'azure-functions-consumption'],
  ),
  type('app:ManagedEnvironment', 'Microsoft.App/managedEnvironments', ['environmentName'], ['azure-container-apps']),
  type('app:ContainerApp', 'Microsoft.App/containerApps', ['containerAppName'], ['azure-container-apps']),
  type('app:Job', 'Microsoft.App/jobs', ['jobName'], ['azure-container-apps']),
  type('sql:Server', 'Microsoft.Sql/servers', ['serverName'], ['azure-sql-free-offer']),
  type('sql:Database', 'Microsoft.Sql/servers/databases', ['serverName', 'databaseName'], ['azure-sql-free-offer']),
  part(
    'sql:FirewallRule',
    'Microsoft.Sql/servers/firewallRules',
    ['serverName', 'firewallRuleName'],
    ['azure-sql-free-offer'],
  ),
  type('cosmosdb:DatabaseAccount', 'Microsoft.DocumentDB/databaseAccounts', ['accountName'], ['azure-cosmos-free']),
  part(
    'cosmosdb:SqlResourceSqlDatabase',
    'Microsoft.DocumentDB/databaseAccounts/sqlDatabases',
    ['accountName', 'databaseName'],
    ['azure-cosmos-free'],
  ),
  type('compute:VirtualMachine', 'Microsoft.Compute/virtualMachines', ['vmName'], ['azure-vm-b1s']),
  type('compute:Disk', 'Microsoft.Compute/disks', ['diskName'], ['azure-disks']),
  type('storage:StorageAccount', 'Microsoft.Storage/storageAccounts', ['accountName'], ['azure-blob']),
  type('dbforpostgresql:Server', 'Microsoft.DBforPostgreSQL/flexibleServers', ['serverName'], ['azure-postgres-mysql']),
  type('dbformysql:Server', 'Microsoft.DBforMySQL/flexibleServers', ['serverName'], ['azure-postgres-mysql']),
  type('servicebus:Namespace', 'Microsoft.ServiceBus/namespaces', ['namespaceName'], ['azure-service-bus']),
  type('eventgrid:Topic', 'Microsoft.EventGrid/topics', ['topicName'], ['azure-event-grid']),
  type('network:VirtualNetwork', 'Microsoft.Network/virtualNetworks', ['virtualNetworkName'], []),
  type('monitor:ActionGroup', 'microsoft.insights/actionGroups', ['actionGroupName'], []),
]

/** What a name is looked up under, within a subscription. */
export function armIdOf(of: Pick<ArmType, 'arm'>, subscription: string, group: string, names: string[]): string {
  const [namespace, ...kinds] = of.arm.split('/')
  const path = kinds.map((kind, at) => `${kind}/${names[at]}`).join('/')
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${namespace}/${path}`
}

function type(token: string, arm: string, names: string[], services: string[]): ArmType {
  return { token: `azure-native:${token}`, arm, names, services, part: false }
}

function part(token: string, arm: string, names: string[], services: string[]): ArmType {
  return { ...type(token, arm, names, services), part: true }
}
