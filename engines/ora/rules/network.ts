import type { DemandAnswer } from '../../../catalog/demand.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes, unsafe } from '../../demand/answer.ts'
import { fillIn, numberAt, textAt } from '../../demand/inputs.ts'
import { ruleByName } from './find.ts'

type Inputs = Record<string, unknown>

const FREE_MBPS = 10

/** A network has no price; what stands at its edge may. */
export const network: Record<string, ResourceRule> = {
  'oci:Core/vcn:Vcn': ruleByName('oci:Core/vcn:Vcn', {
    demand: () => takes(amount('oci-vcn.vcns', 1, 'proven', 'one network')),
  }),
  'oci:Core/subnet:Subnet': ruleByName('oci:Core/subnet:Subnet', { demand: () => takes() }),
  'oci:Core/internetGateway:InternetGateway': ruleByName('oci:Core/internetGateway:InternetGateway', {
    demand: () => takes(),
  }),
  'oci:Core/serviceGateway:ServiceGateway': ruleByName('oci:Core/serviceGateway:ServiceGateway', {
    demand: () => takes(),
  }),
  'oci:Core/routeTable:RouteTable': ruleByName('oci:Core/routeTable:RouteTable', { demand: () => takes() }),
  'oci:Core/securityList:SecurityList': ruleByName('oci:Core/securityList:SecurityList', { demand: () => takes() }),
  'oci:LoadBalancer/loadBalancer:LoadBalancer': ruleByName('oci:LoadBalancer/loadBalancer:LoadBalancer', {
    safe: (inputs) =>
      fillIn(inputs, {
        shape: 'flexible',
        shapeDetails: { minimumBandwidthInMbps: FREE_MBPS, maximumBandwidthInMbps: FREE_MBPS },
      }),
    demand: balancerDemand,
  }),
  'oci:NetworkLoadBalancer/networkLoadBalancer:NetworkLoadBalancer': ruleByName(
    'oci:NetworkLoadBalancer/networkLoadBalancer:NetworkLoadBalancer',
    { demand: () => takes(amount('oci-lb.network-lb', 1, 'proven', 'one network load balancer')) },
  ),
}

function balancerDemand(inputs: Inputs): DemandAnswer {
  const shape = textAt(inputs, 'shape')
  if (shape !== 'flexible') return unsafe('shape', shape, 'flexible')
  for (const end of ['minimumBandwidthInMbps', 'maximumBandwidthInMbps']) {
    const mbps = numberAt(inputs, `shapeDetails.${end}`)
    if (mbps !== FREE_MBPS) return unsafe(`shapeDetails.${end}`, mbps, `${FREE_MBPS}`)
  }
  return takes(amount('oci-lb.flexible-lb', 1, 'proven', `one load balancer of ${FREE_MBPS} Mbit/s`))
}
