type Inputs = Record<string, unknown>

/** Every value at a path of inputs; `*` stands for each item of a list. One value, maybe undefined, without a `*`. */
export function valuesAt(inputs: unknown, path: string): unknown[] {
  return path
    .split('.')
    .reduce<unknown[]>(
      (values, key) =>
        key === '*'
          ? values.flatMap((value) => (Array.isArray(value) ? value : []))
          : values.map((value) => at(value, key)),
      [inputs],
    )
}

/**
 * Inputs with `value` at a path where nothing stands yet: sections that are missing are made, lists keep their length,
 * and what was set is never touched.
 */
export function fillAt(inputs: Inputs, path: string, value: unknown): Inputs {
  return filled(inputs, path.split('.'), value) as Inputs
}

function filled(inputs: unknown, [key, ...rest]: string[], value: unknown): unknown {
  if (key === undefined) return inputs === undefined ? value : inputs
  if (key === '*') return Array.isArray(inputs) ? inputs.map((item) => filled(item, rest, value)) : inputs
  // Only what would be made for a list to come is left alone: how many items it has is the program's to say.
  if (inputs === undefined && rest.includes('*')) return inputs
  if (inputs !== undefined && !isSection(inputs)) return inputs
  const before = inputs?.[key]
  const after = filled(before, rest, value)
  return after === before ? inputs : { ...inputs, [key]: after }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

/** A plain object: anything else (a list, an asset, a secret) is not ours to write into. */
function isSection(value: unknown): value is Inputs {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
