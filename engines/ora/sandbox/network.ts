import type { Json, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { made } from './made.ts'

const VCN = 'oci:Core/vcn:Vcn'
const SUBNET = 'oci:Core/subnet:Subnet'
const GATEWAY = 'oci:Core/internetGateway:InternetGateway'
const ROUTES = 'oci:Core/routeTable:RouteTable'
const SERVICES = 'oci:Core/serviceGateway:ServiceGateway'
const WALL = 'oci:Core/securityList:SecurityList'

/** Networks, as far as a machine's reach depends on them. */
export const network: Record<string, SimulatedResource> = {
  [VCN]: {
    replaceOn: ['cidrBlock', 'dnsLabel'],
    create: async (inputs, world) => made('vcn', inputs, world),
    async delete({ id }, world) {
      const left = (await world.list()).find((one) => one.inputs.vcnId === id)
      if (left !== undefined)
        throw new Error(`409-Conflict, The VCN ${id} cannot be deleted because it is associated with ${left.id}`)
    },
  },
  [GATEWAY]: inVcn('internetgateway'),
  [SERVICES]: inVcn('servicegateway'),
  [ROUTES]: inVcn('routetable'),
  [WALL]: inVcn('securitylist'),
  [SUBNET]: {
    ...inVcn('subnet'),
    replaceOn: ['vcnId', 'availabilityDomain', 'dnsLabel', 'prohibitInternetIngress', 'prohibitPublicIpOnVnic'],
    async delete({ id }, world) {
      const machines = await world.list('oci:Core/instance:Instance')
      const left = machines.find((one) => subnetOf(one.inputs) === id)
      if (left !== undefined)
        throw new Error(
          `409-Conflict, The Subnet ${id} references the VNIC of ${left.id}. You must remove the reference`,
        )
    },
  },
}

function inVcn(kind: string): SimulatedResource {
  return {
    replaceOn: ['vcnId'],
    async create(inputs, world) {
      if (!(await world.list(VCN)).some((one) => one.id === inputs.vcnId))
        throw new Error(`404-NotAuthorizedOrNotFound, vcn ${String(inputs.vcnId)} not found`)
      return made(kind, inputs, world)
    },
  }
}

/** The subnet of a machine, as its inputs say. */
export function subnetOf(inputs: Json): unknown {
  return (inputs.createVnicDetails as Json | undefined)?.subnetId ?? inputs.subnetId
}

/** Why nobody out there gets an answer on port 80 of a machine; undefined: everybody does. */
export async function whyOutOfReach(inputs: Json, world: World): Promise<string | undefined> {
  const subnet = (await world.list(SUBNET)).find((one) => one.id === subnetOf(inputs))
  if (subnet === undefined) return 'it is in no subnet'
  const vnic = (inputs.createVnicDetails ?? {}) as Json
  if (subnet.inputs.prohibitPublicIpOnVnic === true || String(vnic.assignPublicIp ?? true) !== 'true')
    return 'it has no public address'
  const [gateways, routes, walls] = [await world.list(GATEWAY), await world.list(ROUTES), await world.list(WALL)]
  const rules = listAt(routes.find((one) => one.id === subnet.inputs.routeTableId)?.inputs.routeRules)
  const out = rules.find((rule) => rule.destination === '0.0.0.0/0')
  if (!gateways.some((one) => one.id === out?.networkEntityId && one.inputs.enabled !== false))
    return 'its subnet has no way to the internet'
  const listed = listAt(subnet.inputs.securityListIds).map(String)
  const open = walls
    .filter((one) => listed.includes(one.id))
    .flatMap((one) => listAt(one.inputs.ingressSecurityRules))
    .some((rule) => rule.source === '0.0.0.0/0' && ['6', 'all'].includes(String(rule.protocol)) && opens(rule, 80))
  return open ? undefined : 'its security lists let nothing in on port 80'
}

/** Whether what stands in one of these networks reaches the platform's services by their own gateway. */
export async function reachesServices(networks: readonly unknown[], world: World): Promise<boolean> {
  const [gateways, routes] = [await world.list(SERVICES), await world.list(ROUTES)]
  return routes
    .filter((one) => networks.includes(one.inputs.vcnId))
    .flatMap((one) => listAt(one.inputs.routeRules))
    .some(
      (rule) =>
        rule.destinationType === 'SERVICE_CIDR_BLOCK' && gateways.some((one) => one.id === rule.networkEntityId),
    )
}

function opens(rule: Json, port: number): boolean {
  const range = rule.tcpOptions as { min?: number; max?: number } | undefined
  return range === undefined || (Number(range.min) <= port && port <= Number(range.max))
}

function listAt(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : []
}
