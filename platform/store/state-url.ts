/**
 * Pulumi's backend URL for an engine's state table under a lease's token: the CLI's connection says the token, and the
 * table's trigger refuses an older one.
 */
export function stateUrl(engineUrl: string, stateTable: string, token: number): string {
  const url = new URL(engineUrl)
  const query = new Map(url.searchParams)
  // Pulumi's driver asks for TLS unless told otherwise; on loopback there is none.
  if (!query.has('sslmode') && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    query.set('sslmode', 'disable')
  query.set('table', stateTable)
  query.set('options', `-c pipi.token=${token}`)
  url.search = [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return url.href
}
