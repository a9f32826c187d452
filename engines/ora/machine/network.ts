import type { CustomResource } from '@pulumi/pulumi'
import { declareByType } from '../../parts/declare/by-type.ts'

const ANYWHERE = '0.0.0.0/0'
const TCP = '6'

/** A network of the workspace's own: everything may go out, and only HTTP comes in. */
export function declareNetwork(compartmentId: string, slug: string): CustomResource {
  const network = declareByType('oci:Core/vcn:Vcn', '_network', {
    compartmentId,
    displayName: slug,
    cidrBlocks: ['10.0.0.0/16'],
  })
  const inside = { compartmentId, vcnId: network.id, displayName: slug }
  const door = declareByType('oci:Core/internetGateway:InternetGateway', '_gateway', { ...inside, enabled: true })
  const routes = declareByType('oci:Core/routeTable:RouteTable', '_routes', {
    ...inside,
    routeRules: [{ destination: ANYWHERE, destinationType: 'CIDR_BLOCK', networkEntityId: door.id }],
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
