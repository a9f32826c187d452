import type { ConfiguredProvider, Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { checkBy } from '../../../stacks/provider/check-by.ts'
import { plain, UNKNOWN } from '../../../stacks/wire/values.ts'
import type { IbmCloud } from './cloud.ts'
import type { ResourceType } from './resource-type.ts'

const READ_MS = 60_000

/** Pulumi's operations over resource types, for one connection. */
export function operationsOf(
  types: Record<string, ResourceType>,
  cloud: IbmCloud,
  cancel: () => void,
): ConfiguredProvider {
  const of = (type: string): ResourceType => {
    const found = Object.hasOwn(types, type) ? types[type] : undefined
    if (found === undefined) throw new Error(`IBM Cloud has no ${type} here, only ${Object.keys(types).join(', ')}`)
    return found
  }
  return {
    check: async (type, inputs) => checkBy(of(type).inputs, inputs),
    diff: async (type, _id, old, now) => diff(of(type), old, now),
    async create(type, inputs, urn, preview) {
      const kind = of(type)
      if (preview) return { id: '', outputs: { ...inputs, ...unknown(kind) } }
      return kind.create(kind.inputs.parse(plain(inputs)), cloud.within(kind.withinMs), urn)
    },
    async read(type, id, _urn, inputs) {
      return of(type).read(id, cloud.within(READ_MS), inputs === undefined ? undefined : plain(inputs))
    },
    async update(type, id, _old, now, urn, preview) {
      const kind = of(type)
      if (preview) {
        const found = await kind.read(id, cloud.within(READ_MS), undefined)
        return { outputs: { ...unknown(kind), ...found?.outputs, ...now } }
      }
      const outputs = await kind.update?.(id, kind.inputs.parse(plain(now)), cloud.within(kind.withinMs), urn)
      if (outputs === undefined) throw new Error(`${type} cannot be changed, only replaced`)
      return { outputs }
    },
    delete: (type, id, _outputs, urn) => of(type).remove(id, cloud.within(of(type).withinMs), urn),
    invoke: async (token) => {
      throw new Error(`IBM Cloud has no data source ${token} here`)
    },
    cancel,
  }
}

function diff(
  { replaces, local = [], update }: ResourceType,
  old: Values,
  now: Values,
): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean } {
  const changed = changedProperties(old, now)
  const seen = changed.filter((property) => !local.includes(property))
  const anew = seen.filter((property) => update === undefined || replaces.includes(property))
  // Names are told apart by the platform: two of one name cannot stand side by side.
  return { changes: seen.length > 0, replaces: anew, deleteBeforeReplace: anew.length > 0 && !anew.includes('name') }
}

function unknown({ gives }: ResourceType): Values {
  return Object.fromEntries(gives.map((name) => [name, UNKNOWN]))
}
