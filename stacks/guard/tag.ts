import { isDeepStrictEqual } from 'node:util'
import { hashOfUrn } from '../wire/urn.ts'
import { Secret, type Values } from '../wire/values.ts'

/** Keys that fit tags and labels of every platform: small letters, digits and "-". */
export const TAG = { workspace: 'pipi-workspace', urn: 'pipi-urn', intent: 'pipi-intent' } as const

/** Our tag, as one look at a resource at the platform shows it: whose, which, and made by which intent. */
export function tagOf(workspace: string, urn: string, intent: string): Record<string, string> {
  return { [TAG.workspace]: workspace, [TAG.urn]: hashOfUrn(urn), [TAG.intent]: intent }
}

/**
 * Adds our tag to `inputs[property]`. What a resource carries already (in `olds`) stays as it is for its whole life, so
 * that no deployment updates a resource only because of the tag.
 */
export function withTag(
  inputs: Values,
  property: string,
  tag: Record<string, string>,
  olds: Values | undefined,
): Values {
  const carried = mapIn(olds, property)
  const kept = Object.fromEntries(
    Object.keys(tag).flatMap((key) => (typeof carried[key] === 'string' ? [[key, carried[key]]] : [])),
  )
  const merged = { ...mapIn(inputs, property), ...tag, ...kept }
  if (isDeepStrictEqual(merged, inputs[property])) return inputs
  const was = inputs[property]
  return { ...inputs, [property]: was instanceof Secret ? new Secret(merged) : merged }
}

function mapIn(values: Values | undefined, property: string): Record<string, unknown> {
  const value = values?.[property]
  const inner = value instanceof Secret ? value.value : value
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
}
