import { Asset, Secret, UNKNOWN, type Values } from '../wire/values.ts'

/**
 * Whether planned inputs say nothing that the state does not hold already, so that nobody has to be asked. What stands
 * there beyond them must be what a provider says it has filled in by itself (`__defaults`). A secret in both may differ:
 * the state keeps it closed, and a plan that covers an update covers that.
 */
export function isPlainlySame(planned: Values, held: Values): boolean {
  const defaults = new Set(Array.isArray(held.__defaults) ? held.__defaults : [])
  const left = Object.keys(held).filter((key) => !(key in planned) && key !== '__defaults' && !defaults.has(key))
  if (left.some((key) => held[key] !== undefined && held[key] !== null)) return false
  return Object.entries(planned).every(([key, value]) => same(value, held[key]))
}

function same(planned: unknown, held: unknown): boolean {
  if (planned === UNKNOWN) return false
  if (planned instanceof Secret && held instanceof Secret)
    return planned.value !== UNKNOWN && (held.value === UNKNOWN || same(planned.value, held.value))
  if (planned instanceof Secret || held instanceof Secret) return false
  if (planned instanceof Asset || held instanceof Asset)
    return planned instanceof Asset && held instanceof Asset && sameAsset(planned, held)
  if (Array.isArray(planned))
    return Array.isArray(held) && planned.length === held.length && planned.every((item, at) => same(item, held[at]))
  if (isRecord(planned)) return isRecord(held) && isPlainlySame(planned, held)
  return planned === held || ((planned ?? null) === null && (held ?? null) === null)
}

/** The same path is the same bytes: what travels is kept under its digest (factory/stem-cell/steps/build.ts). */
function sameAsset(a: Asset, b: Asset): boolean {
  if (a.kind !== b.kind || a.path !== b.path || a.text !== b.text || a.uri !== b.uri) return false
  if (a.assets === undefined || b.assets === undefined) return a.assets === b.assets
  return isPlainlySame(a.assets, b.assets) && Object.keys(a.assets).length === Object.keys(b.assets).length
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
