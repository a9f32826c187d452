/** An image's or a repository's name, taken apart. */
export interface Reference {
  /** `host` or `host:port`, as logins are kept for. */
  host: string
  /** Base address of its registry. */
  base: string
  /** Of the repository, at that registry. */
  name: string
  /** `sha256:<hex>`, where it names one. */
  digest?: string
}

/** `host/path`, with or without a tag and a digest. Docker Hub's registry has another host than its names say. */
export function parseReference(text: string): Reference {
  const [named = '', digest] = text.split('@')
  const slash = named.indexOf('/')
  const written = named.slice(0, slash)
  const name = named.slice(slash + 1).replace(/:[^/]*$/, '')
  const hub = written === 'docker.io' || written === 'index.docker.io'
  const host = hub ? 'registry-1.docker.io' : written
  const local = /^(localhost|127\.0\.0\.1)(:|$)/.test(host)
  return {
    host,
    base: `${local ? 'http' : 'https'}://${host}`,
    name: hub && !name.includes('/') ? `library/${name}` : name,
    ...(digest === undefined ? {} : { digest }),
  }
}
