import type { ResourceRule } from '../../contract/engine.ts'
import { takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { OWN } from '../own-types.ts'

/** What our own provider does. */
export const own: Record<string, ResourceRule> = {
  // It stands nowhere but in the state: what a crash lost is made anew, and its database gets the new one.
  [OWN.password]: {
    demand: () => takes(),
    tagProperty: null,
    lookup(inputs) {
      const name = textAt(inputs, 'name')
      return { id: name === undefined ? null : `password/${name}` }
    },
    find: async () => undefined,
    stateful: false,
  },
}
