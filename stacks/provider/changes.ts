import { Asset, Secret, UNKNOWN, type Values } from '../wire/values.ts'

/**
 * The top-level properties that differ. Secret marks make no difference, assets are compared by their hash (old ones
 * arrive without contents), and a value not known yet differs from everything.
 */
export function changedProperties(old: Values, now: Values): string[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(now)])
  return [...keys].filter((key) => !same(old[key], now[key])).sort()
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Secret) return same(a.value, b)
  if (b instanceof Secret) return same(a, b.value)
  if (a === UNKNOWN || b === UNKNOWN) return false
  if (a instanceof Asset && b instanceof Asset) return sameAsset(a, b)
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]))
  if (isRecord(a) && isRecord(b)) return changedProperties(a, b).length === 0
  return a === b || ((a === undefined || a === null) && (b === undefined || b === null))
}

function sameAsset(a: Asset, b: Asset): boolean {
  if (a.kind !== b.kind) return false
  if (a.hash !== undefined && b.hash !== undefined) return a.hash === b.hash
  return a.path === b.path && a.text === b.text && a.uri === b.uri
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Asset)
}
