import type { Drift, DriftedProperty } from '../../contract/truth.ts'

/**
 * What a workspace differs in, once one of its resources was looked at again. The state has taken over what an earlier
 * look found, so that a new look compares with that: what was meant stays what it was, and what came back to it is no
 * difference any more.
 */
export function mergeDrift(known: readonly Drift[], urn: string, found: Drift | undefined): Drift[] {
  const before = known.find((one) => one.urn === urn)
  const others = known.filter((one) => one.urn !== urn)
  const merged = mergeOne(before, found)
  return merged === undefined ? others : [...others, merged]
}

function mergeOne(before: Drift | undefined, found: Drift | undefined): Drift | undefined {
  if (found === undefined || before === undefined) return found ?? before
  if (found.what === 'gone' || before.what === 'gone') return found
  const properties = new Map(before.properties.map((one) => [one.path, one]))
  for (const now of found.properties) {
    const merged = mergeProperty(properties.get(now.path), now)
    if (merged === undefined) properties.delete(now.path)
    else properties.set(now.path, merged)
  }
  return properties.size === 0 ? undefined : { ...found, properties: [...properties.values()] }
}

function mergeProperty(before: DriftedProperty | undefined, now: DriftedProperty): DriftedProperty | undefined {
  if (before === undefined) return now
  // Of a secret nobody can say whether it came back: it stays a difference until it is set.
  if (before.secret === true || now.secret === true)
    return { path: now.path, secret: true, declared: now.declared || before.declared }
  if (before.was === now.is) return undefined
  const { was: _now, ...rest } = now
  return before.was === undefined ? rest : { ...rest, was: before.was }
}
