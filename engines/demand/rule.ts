import { PipiError } from '../../catalog/errors.ts'
import type { PlatformReader } from '../../stacks/contract/find.ts'
import type { ResourceRule } from '../contract/engine.ts'

type Inputs = Record<string, unknown>

/**
 * A rule for a type that the provider reads by an id known before its creation. `idOf` gives that id in the form which
 * an import takes; null: not known. `tagged` is where our tag stands.
 */
export function ruleById(
  type: string,
  idOf: (inputs: Inputs) => string | null,
  parts: Pick<ResourceRule, 'demand' | 'safe' | 'suspended'> & { tagged?: 'tags' | 'labels'; stateful?: boolean },
): ResourceRule {
  return {
    demand: parts.demand,
    ...(parts.safe === undefined ? {} : { safe: parts.safe }),
    ...(parts.suspended === undefined ? {} : { suspended: parts.suspended }),
    tagProperty: parts.tagged ?? null,
    lookup: (inputs) => ({ id: idOf(inputs) }),
    find: (lookup, platform, owner) => findById(type, lookup, platform, parts.tagged === undefined ? undefined : owner),
    stateful: parts.stateful ?? false,
  }
}

/** The id when the platform has it; where it is tagged, only when the tag names `owner`. */
async function findById(
  type: string,
  lookup: Inputs,
  platform: PlatformReader,
  owner: string | undefined,
): Promise<string | undefined> {
  if (typeof lookup.id !== 'string') {
    throw new PipiError(
      'recovery.needs-decision',
      `${type} gets its id at creation, so nobody can look up whether it was created`,
      {
        hint: 'look at the platform itself for what carries our tag, then import or delete it',
      },
    )
  }
  const found = await platform.read(type, lookup.id)
  if (found === undefined) return undefined
  // The provider's own form of the id: the state will hold that one after an import.
  return owner === undefined || carries(found.properties, owner) ? found.id : undefined
}

/** Whether one of a resource's tags or labels is this workspace's id. */
function carries(properties: Inputs, owner: string): boolean {
  return ['tags', 'tagsAll', 'labels', 'effectiveLabels'].some((key) => {
    const map = properties[key]
    return typeof map === 'object' && map !== null && Object.values(map).includes(owner)
  })
}
