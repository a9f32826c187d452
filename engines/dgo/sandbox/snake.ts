/** `{staticSites: [{outputDir}]}` as the API writes it: `{static_sites: [{output_dir}]}`. */
export function snake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snake)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`),
      snake(inner),
    ]),
  )
}
