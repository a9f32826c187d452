import type { Json, Serving, SimulatedResource, World } from '../../../stacks/contract/sandbox.ts'
import { ARM_TYPES, type ArmType, armIdOf } from '../arm-types.ts'
import { apps } from './apps.ts'
import { data } from './data.ts'
import { armTypeOf } from './policy-wall.ts'

const PAID = ['azure-native:network:PublicIPAddress', 'azure-native:containerregistry:Registry']

/** How one type differs from the others. */
export interface Special {
  /** What the platform refuses before it makes it, in its own words. */
  refuse?(inputs: Json, world: World): Promise<void>
  /** What the platform says of it once it stands. `name`: its own. */
  tell?(name: string, inputs: Json, world: World): Json
  /** Further inputs whose change makes another one. */
  replaceOn?: readonly string[]
  /** Its name is one in the world. */
  worldwide?: boolean
  serve?(id: string, inputs: Json): Serving
}

const SPECIAL: Record<string, Special> = { ...apps, ...data }

/** Everything that lies in a resource group, free or not: Azure makes it when nothing forbids it. */
export const things: Record<string, SimulatedResource> = Object.fromEntries(
  [...ARM_TYPES.map((one) => one.token), ...PAID].map((token) => [token, thing(token)]),
)

function thing(token: string): SimulatedResource {
  const of: Pick<ArmType, 'arm' | 'names' | 'part'> = ARM_TYPES.find((one) => one.token === token) ?? {
    arm: armTypeOf(token) ?? token,
    names: [token.includes('Address') ? 'publicIpAddressName' : 'registryName'],
    part: false,
  }
  const special = SPECIAL[token] ?? {}
  const own = of.names.at(-1) ?? 'name'
  const told = (name: string, inputs: Json, world: World): Json => ({
    ...(of.part ? {} : { location: world.region }),
    ...inputs,
    name,
    [own]: name,
    ...special.tell?.(name, inputs, world),
    provisioningState: 'Succeeded',
  })
  return {
    replaceOn: ['resourceGroupName', ...(of.part ? [] : ['location']), ...of.names, ...(special.replaceOn ?? [])],
    deleteBeforeReplace: true,
    ...(of.part ? {} : { tagProperty: 'tags' as const }),
    ...(special.worldwide === true ? { unique: (inputs) => uniqueIn(of.arm, String(inputs[own] ?? '')) } : {}),
    async create(inputs, world) {
      const group = String(inputs.resourceGroupName)
      await requireGroup(group, world)
      await special.refuse?.(inputs, world)
      const names = of.names.map((key) => String(inputs[key] ?? `${key}${world.hex(8)}`))
      const id = armIdOf(of, world.cloudAccount, group, names)
      const serve = special.serve?.(id, inputs)
      return { id, outputs: told(names.at(-1) ?? '', inputs, world), ...(serve === undefined ? {} : { serve }) }
    },
    async update(id, inputs, old, world) {
      const serve = special.serve?.(id, inputs)
      // What it was given at its birth (a host name) stays.
      const outputs = { ...told(String(old.outputs.name), inputs, world), ...bornWith(old.outputs) }
      return { outputs, ...(serve === undefined ? {} : { serve }) }
    },
  }
}

const BORN = ['defaultHostname', 'defaultHostName', 'address', 'location']

function bornWith(outputs: Json): Json {
  return Object.fromEntries(BORN.flatMap((key) => (outputs[key] === undefined ? [] : [[key, outputs[key]]])))
}

function uniqueIn(arm: string, name: string): { name: string; taken: string } {
  return { name, taken: `Code="Conflict" Message="${arm} with the name ${name} already exists."` }
}

async function requireGroup(name: string, world: World): Promise<void> {
  const groups = await world.list('azure-native:resources:ResourceGroup')
  const found = groups.some((one) => (one.inputs as Json).resourceGroupName === name)
  if (!found) throw new Error(`Code="ResourceGroupNotFound" Message="Resource group '${name}' could not be found."`)
}
