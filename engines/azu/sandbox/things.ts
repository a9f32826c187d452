import type { Json, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { ARM_TYPES, armIdOf } from '../arm-types.ts'
import { armTypeOf } from './policy-wall.ts'

const PAID = ['azure-native:network:PublicIPAddress', 'azure-native:containerregistry:Registry']

/** Everything that lies in a resource group, free or not: Azure makes it when nothing forbids it. */
export const things: Record<string, SimulatedResource> = Object.fromEntries(
  [...ARM_TYPES.map((one) => one.token), ...PAID].map((token) => [token, thing(token)]),
)

function thing(token: string): SimulatedResource {
  const of = ARM_TYPES.find((one) => one.token === token) ?? {
    token,
    arm: armTypeOf(token) ?? token,
    names: [token.includes('Address') ? 'publicIpAddressName' : 'registryName'],
    services: [],
  }
  return {
    replaceOn: ['resourceGroupName', 'location', ...of.names],
    async create(inputs, world) {
      const group = String(inputs.resourceGroupName)
      await requireGroup(group, world)
      const names = of.names.map((key) => String(inputs[key] ?? `${key}${world.hex(8)}`))
      const made = { location: world.region, ...inputs, [of.names.at(-1) ?? 'name']: names.at(-1) }
      return { id: armIdOf(of, world.cloudAccount, group, names), outputs: { ...made, provisioningState: 'Succeeded' } }
    },
  }
}

async function requireGroup(name: string, world: World): Promise<void> {
  const groups = await world.list('azure-native:resources:ResourceGroup')
  const found = groups.some((one) => (one.inputs as Json).resourceGroupName === name)
  if (!found) throw new Error(`Code="ResourceGroupNotFound" Message="Resource group '${name}' could not be found."`)
}
