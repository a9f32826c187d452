import type { ConfiguredProvider, TypeScriptProvider } from '../../contract/provider.ts'
import type { SimulatedCloud } from '../../contract/sandbox.ts'
import type { Host } from '../host.ts'
import { operationsOf } from './operations.ts'

/** A simulated cloud as a Pulumi provider: each connection acts for the cloud account that its credentials name. */
export function simulatedProvider(
  name: string,
  cloud: SimulatedCloud,
  cloudAccount: string,
  host: Host,
): TypeScriptProvider {
  return {
    name,
    version: '1.0.0',
    async configure(variables, caller): Promise<ConfiguredProvider> {
      const known = cloud.identify?.(variables)
      const region = known?.region ?? (typeof variables.region === 'string' ? variables.region : '')
      const owner = { engine: cloud.engine, cloudAccount: known?.cloudAccount ?? cloudAccount }
      return operationsOf(cloud, host, { owner, user: known?.user, region, token: caller?.token })
    },
  }
}
