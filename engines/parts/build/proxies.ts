/** A proxy as Java's tools want it told: they do not read the variables that other tools do. */
export interface WebProxy {
  protocol: 'http' | 'https'
  host: string
  port: number
  user: string
  password: string
  /** Hosts that are asked directly, with `*` where a name may begin with anything. */
  except: string[]
}

/** The proxies that the owner's variables name. What is no http address names none. */
export function proxiesOf(network: Record<string, string>): WebProxy[] {
  const except = (network.NO_PROXY ?? network.no_proxy ?? '')
    .split(',')
    .map((host) => host.trim().replace(/^\*?\./, '*.'))
    .filter((host) => host !== '')
  return (['http', 'https'] as const).flatMap((protocol) => {
    const named = network[`${protocol.toUpperCase()}_PROXY`] ?? network[`${protocol}_proxy`] ?? ''
    if (!URL.canParse(named)) return []
    const { hostname, port, username, password, protocol: scheme } = new URL(named)
    if (!/^https?:$/.test(scheme)) return []
    return {
      protocol,
      host: hostname,
      port: Number(port) || (scheme === 'https:' ? 443 : 80),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      except,
    }
  })
}
