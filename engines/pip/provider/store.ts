import type { CheckFailure, Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { checkBy } from '../../../stacks/provider/check-by.ts'
import { plain, UNKNOWN } from '../../../stacks/wire/values.ts'
import { type StoreSpec, type StoreStatus, storeSpecSchema } from '../supervisor/spec.ts'

export const STORE = 'pip:host/store:Store'
/** The data source that lists them all. */
export const STORES = 'pip:host/getStores:getStores'

export function checkStore(inputs: Values): { inputs: Values; failures: CheckFailure[] } {
  return checkBy(storeSpecSchema, inputs)
}

/** Its size is changed in place. Another name is another store, and the old one is users' data. */
export function diffStore(
  old: Values,
  now: Values,
): { changes: boolean; replaces: string[]; deleteBeforeReplace: boolean } {
  const changed = changedProperties(old, now)
  return {
    changes: changed.length > 0,
    replaces: changed.filter((property) => property === 'name'),
    deleteBeforeReplace: false,
  }
}

export function storeOf(inputs: Values): StoreSpec {
  return storeSpecSchema.parse(plain(inputs))
}

/** How full it is is no output: each refresh would show it as drift. */
export function storeOutputs({ spec, url }: StoreStatus): Values {
  return { ...spec, url }
}

export function storePreview(inputs: Values, status: StoreStatus | undefined): Values {
  return { ...inputs, url: status?.url ?? UNKNOWN }
}
