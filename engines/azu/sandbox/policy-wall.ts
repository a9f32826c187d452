import type { Json, World } from '../../../stacks/contract/sandbox.ts'
import type { Wall } from '../../parts/sandbox/walled.ts'
import { ARM_TYPES } from '../arm-types.ts'

const ASSIGNMENT = 'azure-native:authorization:PolicyAssignment'
const DEFINITION = 'azure-native:authorization:PolicyDefinition'

/** Policies that are assigned to the subscription and deny what is asked: Azure Policy at a request. */
export const policyWall: Wall = async ({ type, inputs }, world) => {
  const of = armTypeOf(type)
  if (of === undefined) return
  const fields = (name: string): unknown => fieldOf(name, of, inputs)
  for (const { name, mode, rule } of await assigned(world)) {
    // "Indexed" looks only at what has tags and a place of its own.
    if (mode === 'Indexed' && isPart(type)) continue
    const { if: condition, then } = rule as { if?: Json; then?: { effect?: string } }
    if (then?.effect?.toLowerCase() !== 'deny' || condition === undefined || !holds(condition, fields)) continue
    throw new Error(
      `Code="RequestDisallowedByPolicy" Message="Resource '${nameOf(inputs)}' was disallowed by policy. Policy identifiers: '[{\\"policyAssignment\\":{\\"name\\":\\"${name}\\"}}]'."`,
    )
  }
}

/** What the platform itself calls a type; the never free ones have to be known here as well. */
export function armTypeOf(token: string): string | undefined {
  const known = ARM_TYPES.find((one) => one.token === token)?.arm
  if (known !== undefined) return known
  const [, module, kind] = /^azure-native:(network|containerregistry|cdn|operationalinsights):(\w+)$/.exec(token) ?? []
  return module === undefined || kind === undefined ? undefined : `Microsoft.${module}/${kind}`
}

/** Whether it is a part of another resource. */
export function isPart(token: string): boolean {
  return ARM_TYPES.some((one) => one.token === token && one.part)
}

async function assigned(world: World): Promise<{ name: string; mode: unknown; rule: unknown }[]> {
  const definitions = await world.list(DEFINITION)
  return (await world.list(ASSIGNMENT))
    .filter((one) => one.inputs.enforcementMode !== 'DoNotEnforce')
    .flatMap((one) => {
      const found = definitions.find((definition) => definition.id === one.inputs.policyDefinitionId)?.inputs
      const { mode, policyRule: rule } = found ?? {}
      return rule === undefined ? [] : [{ name: String(one.inputs.policyAssignmentName), mode, rule }]
    })
}

/** The operators that Azure Policy knows and these policies use; of texts the case does not count. */
function holds(condition: Json, field: (name: string) => unknown): boolean {
  if (Array.isArray(condition.allOf)) return condition.allOf.every((one: Json) => holds(one, field))
  if (Array.isArray(condition.anyOf)) return condition.anyOf.some((one: Json) => holds(one, field))
  if (typeof condition.not === 'object' && condition.not !== null) return !holds(condition.not as Json, field)
  const value = lower(field(String(condition.field)))
  if (Array.isArray(condition.in)) return condition.in.map(lower).includes(value)
  if (condition.equals !== undefined) return lower(condition.equals) === value
  throw new Error(`InvalidPolicyRule: the operator of ${JSON.stringify(condition)} is not one of this sandbox`)
}

function fieldOf(name: string, arm: string, inputs: Json): unknown {
  if (name === 'type') return arm
  if (name === 'location') return inputs.location
  if (!name.toLowerCase().startsWith(`${arm.toLowerCase()}/`)) return undefined
  // The alias of a machine's size is its SKU, though it is given as its hardware.
  if (arm === 'Microsoft.Compute/virtualMachines') return ((inputs.hardwareProfile ?? {}) as Json).vmSize
  return ((inputs.sku ?? {}) as Json).name
}

function lower(value: unknown): string {
  return String(value ?? '').toLowerCase()
}

function nameOf(inputs: Json): string {
  return String(
    Object.entries(inputs).find(([key]) => /^(name|\w+Name)$/.test(key) && key !== 'resourceGroupName')?.[1],
  )
}
