/** `{static_sites: [{output_dir}]}` of the API as Pulumi names it: `{staticSites: [{outputDir}]}`. */
export function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z])/g, (_, one: string) => one.toUpperCase()),
      camel(inner),
    ]),
  )
}
