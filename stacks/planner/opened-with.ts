import { Asset, Secret, UNKNOWN, type Values } from '../wire/values.ts'

/**
 * What a state holds, for a provider to compare with `now`. Its secrets are closed there: each is taken for what stands
 * in its place now, since a changed secret alone is an update at most.
 */
export function openedWith(held: Values, now: Values): Values {
  return open(held, now) as Values
}

function open(held: unknown, now: unknown): unknown {
  if (held instanceof Secret) {
    if (held.value !== UNKNOWN) return held
    return now instanceof Secret ? now : new Secret(now ?? '')
  }
  if (held instanceof Asset || typeof held !== 'object' || held === null) return held
  const inner = now instanceof Secret ? now.value : now
  if (Array.isArray(held)) return held.map((item, at) => open(item, Array.isArray(inner) ? inner[at] : undefined))
  const beside: Values = typeof inner === 'object' && inner !== null ? (inner as Values) : {}
  return Object.fromEntries(Object.entries(held).map(([key, value]) => [key, open(value, beside[key])]))
}
