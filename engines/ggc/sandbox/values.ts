import type { Json } from '../../../stacks/contract/sandbox.ts'

export function text(inputs: Json, key: string): string | undefined {
  const value = inputs[key]
  return typeof value === 'string' ? value : undefined
}

export function section(inputs: Json, key: string): Json {
  const value = inputs[key]
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

/** Outputs that the provider takes for secrets, since labels may be. */
export const LABELS = ['effectiveLabels', 'pulumiLabels'] as const

/** The provider shows labels three times. */
export function labelled(inputs: Json): Json {
  const labels = inputs.labels ?? {}
  return { effectiveLabels: labels, pulumiLabels: labels }
}
