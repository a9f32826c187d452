/** What a registry asks for in `WWW-Authenticate`. */
export interface Challenge {
  scheme: 'basic' | 'bearer'
  parameters: Record<string, string>
}

/** The challenges of a header that may hold several; a scheme that is not known here is left out. */
export function challengesOf(header: string | null): Challenge[] {
  const found: Challenge[] = []
  let current: Challenge | undefined
  // Either `name=value` or `name="value"`, or a scheme on its own.
  for (const [, key, quoted, bare, word] of (header ?? '')
    .slice(0, 8192)
    .matchAll(/([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([A-Za-z][\w-]*)/g)) {
    if (word !== undefined) {
      const scheme = word.toLowerCase()
      current = scheme === 'basic' || scheme === 'bearer' ? { scheme, parameters: {} } : undefined
      if (current !== undefined) found.push(current)
    } else if (current !== undefined && key !== undefined) {
      current.parameters[key.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? ''
    }
  }
  return found
}
