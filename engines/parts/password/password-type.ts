import type { ConfiguredProvider, TypeScriptProvider, Values } from '../../../stacks/contract/provider.ts'
import { changedProperties } from '../../../stacks/provider/changes.ts'
import { checkBy } from '../../../stacks/provider/check-by.ts'
import { plain, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'
import { passwordId, passwordSchema, randomPassword } from './random-password.ts'

/**
 * A random password as a resource: input `name`, output `result`. It stands in the state alone, encrypted there: nobody
 * can compute it, and what a lost state forgot is replaced by a new one.
 */
export const passwordType: ConfiguredProvider = {
  check: async (_type, inputs) => checkBy(passwordSchema, inputs),
  async diff(_type, _id, old, now) {
    const changed = changedProperties(old, now)
    return { changes: changed.length > 0, replaces: changed, deleteBeforeReplace: false }
  },
  async create(_type, inputs, _urn, preview) {
    if (preview) return { id: '', outputs: { ...inputs, result: UNKNOWN } }
    const id = passwordId(passwordSchema.parse(plain(inputs)))
    return { id, outputs: { ...inputs, result: new Secret(randomPassword()) } }
  },
  read: async (_type, id, _urn, inputs, state) => known(id, inputs, state),
  update: async (_type, _id, _old, now) => ({ outputs: { ...now } }),
  // It was in the state alone.
  delete: async () => undefined,
  invoke: async (token) => {
    throw new Error(`passwords have no data source ${token}`)
  },
}

/** A provider of that one type, for beside a platform's own plugin. */
export function passwordProvider(name: string, type: string): TypeScriptProvider {
  return {
    name,
    version: '0.1.0',
    configure: async () => ({
      ...passwordType,
      async check(asked, inputs, old, urn) {
        if (asked !== type) throw new Error(`${name} has no ${asked}, only ${type}`)
        return passwordType.check(asked, inputs, old, urn)
      },
    }),
  }
}

function known(id: string, inputs: Values | undefined, state: Values | undefined) {
  const result = state?.result
  if (inputs === undefined || state === undefined || result === undefined) return undefined
  return { id, inputs, outputs: { ...state, result: result instanceof Secret ? result : new Secret(result) } }
}
