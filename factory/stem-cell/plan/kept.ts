import { holdsData } from '../../../stacks/contract/rule.ts'
import type { StackState } from '../../../stacks/state/read.ts'
import { isAtPlatform, nameOfUrn } from '../../../stacks/wire/urn.ts'
import { type Carriage, Refused } from '../carriage.ts'

/**
 * What a destroy leaves standing, by URN: what holds users' data, unless its loss is named, and all that this needs.
 * Where nothing else stands there is nothing to take down: refused, so that nobody takes it for done.
 */
export function keptOf({ order, rules }: Carriage, state: StackState): Set<string> {
  const kept = new Set<string>()
  if (order.kind !== 'destroy' || order.deleteData) return kept
  const byUrn = Map.groupBy(state.resources, ({ urn }) => urn)
  const keep = (urn: string) => {
    if (kept.has(urn)) return
    kept.add(urn)
    for (const resource of byUrn.get(urn) ?? []) for (const needed of resource.needs) keep(needed)
  }
  const data = state.resources.filter(({ urn, type }) => {
    const rule = rules[type]
    return rule !== undefined && holdsData(rule, nameOfUrn(urn))
  })
  for (const { urn } of data) keep(urn)
  const [first] = data
  if (first !== undefined && !state.resources.some((each) => isAtPlatform(each) && !kept.has(each.urn))) {
    const names = data.map(({ urn, type }) => `${nameOfUrn(urn)} (${type})`).join(', ')
    throw new Refused({
      code: 'guard.data-not-named',
      resource: nameOfUrn(first.urn),
      message: `all that stands holds data, and the request does not name its loss: ${names}`,
      hint: 'repeat with --delete-data when the data may go',
    })
  }
  return kept
}
