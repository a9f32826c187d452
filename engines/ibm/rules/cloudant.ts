import type { ResourceRule } from '../../contract/engine.ts'
import { amount, takes } from '../../demand/answer.ts'
import { textAt } from '../../demand/inputs.ts'
import { ruleById } from '../../demand/rule.ts'

/** What a Lite instance holds. */
export const MOST_MB = 1000

export const cloudant: Record<string, ResourceRule> = {
  'ibm:cloudant/instance:Instance': ruleById('ibm:cloudant/instance:Instance', byName, {
    stateful: true,
    demand: () =>
      takes(
        amount('ibm-cloudant-lite.instances', 1, 'proven', 'one instance'),
        amount('ibm-cloudant-lite.storage', 1, 'proven', 'all that one has; writes are refused beyond it'),
      ),
  }),
  'ibm:cloudant/database:Database': ruleById(
    'ibm:cloudant/database:Database',
    (inputs) => {
      const [host, name] = [textAt(inputs, 'host'), textAt(inputs, 'name')]
      return host === undefined || name === undefined ? null : `${host}/${name}`
    },
    { stateful: true, demand: () => takes() },
  ),
  'ibm:resource/key:Key': ruleById('ibm:resource/key:Key', byName, { demand: () => takes() }),
}

/** Names are not unique to IBM; ours hold a hash of workspace and component, so nobody else's are the same. */
function byName(inputs: Record<string, unknown>): string | null {
  const name = textAt(inputs, 'name')
  return name === undefined ? null : `name:${name}`
}
