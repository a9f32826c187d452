import { PipiError } from '../../../catalog/errors.ts'
import type { PlatformReader } from '../../../stacks/contract/find.ts'
import { TAG } from '../../../stacks/guard/tag.ts'
import type { ResourceRule } from '../../contract/engine.ts'
import { textAt } from '../../demand/inputs.ts'
import { ARM_TYPES, type ArmType, armIdOf } from '../arm-types.ts'

type Inputs = Record<string, unknown>
/** Stands for the provider's own subscription. */
const OWN = '{subscription}'
type Parts = Pick<ResourceRule, 'demand'> & Partial<Pick<ResourceRule, 'safe' | 'suspended' | 'stateful'>>

/** A rule for what lies in a resource group: Azure's ids are made of names, and so are our look-ups. */
export function ruleByArmId(token: string, parts: Parts): Record<string, ResourceRule> {
  const of = ARM_TYPES.find((one) => one.token === token) as ArmType
  return ruleAt(token, parts, of.part ? null : 'tags', (inputs) => {
    const group = textAt(inputs, 'resourceGroupName')
    const names = of.names.flatMap((key) => textAt(inputs, key) ?? [])
    return group === undefined || names.length < of.names.length
      ? null
      : (subscription) => armIdOf(of, subscription, group, names)
  })
}

/** The same for what lies elsewhere; `at` gives the id within a subscription, or null while a name is not known. */
export function ruleAt(
  token: string,
  parts: Parts,
  tagProperty: 'tags' | null,
  at: (inputs: Inputs) => ((subscription: string) => string) | null,
): Record<string, ResourceRule> {
  const rule: ResourceRule = {
    stateful: false,
    ...parts,
    tagProperty,
    // The subscription is not always among the inputs: the provider is asked for its own.
    lookup: (inputs) => ({ path: at(inputs)?.(OWN) ?? null }),
    find: (lookup, platform, owner) => find(token, lookup, platform, tagProperty === null ? undefined : owner),
  }
  return { [token]: rule }
}

async function find(
  token: string,
  { path }: Inputs,
  platform: PlatformReader,
  owner: string | undefined,
): Promise<string | undefined> {
  if (typeof path !== 'string') {
    throw new PipiError('recovery.needs-decision', `${token} without a name of its own cannot be looked up`, {
      hint: 'look at the subscription for what carries our tag, then import or delete it',
    })
  }
  const { subscriptionId } = await platform.invoke('azure-native:authorization:getClientConfig', {})
  const id = path.replace(OWN, String(subscriptionId))
  const found = await platform.read(token, id)
  if (found === undefined) return undefined
  return owner === undefined || textAt(found.properties, `tags.${TAG.workspace}`) === owner ? found.id : undefined
}
