/** Where IBM's own addresses lead in the sandbox: `path` with its query. Undefined: the address is not IBM's. */
export function simulated(api: string, host: string, path: string): string | undefined {
  return /\.(cloud\.ibm\.com|appdomain\.cloud)$/.test(host) ? `${api}/api/ibm/_/${host}${path}` : undefined
}
