import type { CustomResource } from '@pulumi/pulumi'
import { isBuilt } from '../../contract/component.ts'
import type { ProgramContext, Together } from '../../contract/engine.ts'
import { declareByType } from '../../parts/declare/by-type.ts'
import { requireSurroundings } from '../surroundings.ts'

const ANYWHERE = '0.0.0.0/0'
const TCP = '6'
const SHARED = 'network'

type Context = Pick<ProgramContext, 'workspace' | 'surroundings' | 'together'>

/** A network of the workspace's own, the same one for its machine and for the databases that let only it in. */
export function declareVcn(context: Context): CustomResource {
  const { tenancy } = requireSurroundings(context.surroundings)
  const shared = context.together?.shared
  const known = shared?.get(SHARED) as CustomResource | undefined
  const network =
    known ??
    declareByType('oci:Core/vcn:Vcn', '_network', {
      compartmentId: tenancy,
      displayName: slugOf(context),
      cidrBlocks: ['10.0.0.0/16'],
    })
  shared?.set(SHARED, network)
  return network
}

/** Its subnet: everything may go out, and only HTTP comes in. */
export function declareSubnet(context: Context): CustomResource {
  const { tenancy: compartmentId } = requireSurroundings(context.surroundings)
  const network = declareVcn(context)
  const inside = { compartmentId, vcnId: network.id, displayName: slugOf(context) }
  const door = declareByType('oci:Core/internetGateway:InternetGateway', '_gateway', { ...inside, enabled: true })
  const routes = declareByType('oci:Core/routeTable:RouteTable', '_routes', {
    ...inside,
    routeRules: [
      { destination: ANYWHERE, destinationType: 'CIDR_BLOCK', networkEntityId: door.id },
      ...wayToDatabases(context, inside),
    ],
  })
  const wall = declareByType('oci:Core/securityList:SecurityList', '_wall', {
    ...inside,
    egressSecurityRules: [{ destination: ANYWHERE, destinationType: 'CIDR_BLOCK', protocol: 'all', stateless: false }],
    ingressSecurityRules: [
      {
        source: ANYWHERE,
        sourceType: 'CIDR_BLOCK',
        protocol: TCP,
        stateless: false,
        tcpOptions: { min: 80, max: 80 },
      },
    ],
  })
  return declareByType('oci:Core/subnet:Subnet', '_subnet', {
    ...inside,
    cidrBlock: '10.0.0.0/24',
    routeTableId: routes.id,
    securityListIds: [wall.id],
    prohibitPublicIpOnVnic: false,
  })
}

/** A database knows a network by its name only where it comes through the platform's own gateway, and not the internet. */
function wayToDatabases(
  { surroundings, together }: Context,
  inside: Record<string, unknown>,
): Record<string, unknown>[] {
  if (!hasDatabase(together)) return []
  const { service, services } = requireSurroundings(surroundings)
  const gateway = declareByType('oci:Core/serviceGateway:ServiceGateway', '_services', {
    ...inside,
    services: [{ serviceId: service }],
  })
  return [{ destination: services, destinationType: 'SERVICE_CIDR_BLOCK', networkEntityId: gateway.id }]
}

function hasDatabase(together: Together | undefined): boolean {
  return together?.components.some((one) => !isBuilt(one) && one.kind === 'database') ?? false
}

function slugOf({ workspace }: Pick<Context, 'workspace'>): string {
  return `pipi-${workspace.id}`
}
