import type { Json, SimulatedResource } from '../../../stacks/contract/sandbox.ts'

/** A name that may be there once, and the cloud's words when it is taken. */
export function named(key: string, taken: (name: string) => string): NonNullable<SimulatedResource['unique']> {
  return (inputs) => {
    const name = text(inputs, key)
    return name === undefined ? undefined : { name, taken: taken(name) }
  }
}

/** The provider's wording for a number out of its range. */
export function range(
  inputs: Json,
  key: string,
  word: string,
  from: number,
  to: number,
): { property: string; reason: string }[] {
  const value = inputs[key]
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to))
    return []
  return [{ property: key, reason: `expected ${word} to be in the range (${from} - ${to}), got ${value}` }]
}

/** The provider's wording for a value that is not among those it knows. */
export function oneOf(
  inputs: Json,
  key: string,
  allowed: readonly (string | number)[],
): { property: string; reason: string }[] {
  const value = inputs[key]
  if (value === undefined || allowed.includes(value as string)) return []
  return [
    {
      property: key,
      reason: `expected ${key} to be one of [${allowed.map((one) => JSON.stringify(one)).join(' ')}], got ${value}`,
    },
  ]
}

/** A text input, or undefined. */
export function text(inputs: Json, key: string): string | undefined {
  const value = inputs[key]
  return typeof value === 'string' ? value : undefined
}
