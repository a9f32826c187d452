/** A number at a path of inputs (`a.b.0.c`), or undefined when it is absent or not known. */
export function numberAt(inputs: Record<string, unknown>, path: string): number | undefined {
  return numberOf(valueAt(inputs, path))
}

/** Also of text, since some providers take numbers as such: `2`, `0.5`. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  return typeof value === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : undefined
}

/** A size as a number of GiB, or as text with its unit: `512Mi`, `0.5Gi`, `500M`. */
export function gibibytesOf(value: unknown): number | undefined {
  const [, number, unit] = typeof value === 'string' ? (/^(\d{1,15}(?:\.\d{1,9})?)(Mi|M|Gi|G)$/.exec(value) ?? []) : []
  if (number === undefined || unit === undefined) return numberOf(value)
  return Number(number) * { Mi: 1 / 1024, M: 1e6 / 2 ** 30, Gi: 1, G: 1e9 / 2 ** 30 }[unit as 'Mi' | 'M' | 'Gi' | 'G']
}

export function textAt(inputs: Record<string, unknown>, path: string): string | undefined {
  const value = valueAt(inputs, path)
  return typeof value === 'string' ? value : undefined
}

export function listAt(inputs: Record<string, unknown>, path: string): unknown[] {
  const value = valueAt(inputs, path)
  return Array.isArray(value) ? value : []
}

export function valueAt(inputs: Record<string, unknown>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), inputs)
}

/** Inputs with `values` where nothing stands yet; nothing is overridden. */
export function fillIn(inputs: Record<string, unknown>, values: Record<string, unknown>): Record<string, unknown> {
  const missing = Object.entries(values).filter(([key]) => inputs[key] === undefined)
  return missing.length === 0 ? inputs : { ...inputs, ...Object.fromEntries(missing) }
}
