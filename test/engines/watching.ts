import type { WatchContext } from '../../engines/contract/watch.ts'
import type { UsedCloud } from './use-cloud.ts'
import { railsContext } from './walls.ts'

/** What a watch module of an engine is given, at its simulated cloud. Close the reader afterwards. */
export function watchContext(cloud: UsedCloud, given: Partial<WatchContext> = {}): WatchContext & { close(): void } {
  const { dna } = cloud.engine
  const reader = cloud.reader()
  const base = `${cloud.sandbox.ready.api.replace(/\/$/, '')}/api/${dna.code}`
  return {
    account: railsContext(cloud.engine).account,
    regions: dna.regions,
    platform: reader,
    async api({ method, url, headers = {}, body }) {
      const { host, pathname, search } = new URL(url)
      const response = await fetch(`${base}/_/${host}${pathname}${search}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: await response.json() }
    },
    credentials: Object.fromEntries(dna.credentials.map((one) => [one.config, one.sandbox])),
    now: Date.now(),
    signal: new AbortController().signal,
    close: () => reader.close(),
    ...given,
  }
}
