/** Every address among a deployment's outputs, with the path of names that leads to it. */
export function urlsOf(outputs: unknown, path: string[] = []): { name: string; url: string }[] {
  if (typeof outputs === 'string') return /^https?:\/\//.test(outputs) ? [{ name: path.join('.'), url: outputs }] : []
  if (typeof outputs !== 'object' || outputs === null) return []
  return Object.entries(outputs).flatMap(([name, value]) =>
    urlsOf(value, name === 'url' && path.length > 0 ? path : [...path, name]),
  )
}
