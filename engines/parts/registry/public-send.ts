import type { LookupAddress, LookupOptions } from 'node:dns'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { publicAddresses } from '../source/public-address.ts'
import type { Send } from './client.ts'

/** A connection on which nothing comes for so long, milliseconds, is broken. */
const SILENCE_MS = 300_000
/** Answers that have no body by what they are. */
const EMPTY = [204, 205, 304]

/**
 * Asks public hosts only, at each step of a redirect too: what people write into a manifest must not reach inside. The
 * address that was checked is the one that is used: a name that changes its answer leads nowhere. Throws
 * `source.unreachable`.
 */
export const publicSend: Send = sendTo(publicAddresses)

/** One HTTP call, as `fetch` makes it, to the addresses that are given for its host and to no others. */
export function sendTo(addressesOf: (host: string) => Promise<LookupAddress[]>): Send {
  return async (url, { method = 'GET', headers, body, signal }) => {
    const { protocol, hostname } = new URL(url)
    const addresses = await addressesOf(hostname)
    const sent = body ? Buffer.from(await new Response(body).arrayBuffer()) : undefined
    try {
      const asked = (protocol === 'https:' ? https : http).request(url, {
        method,
        headers: { accept: '*/*', 'user-agent': 'pipi-engines', ...Object.fromEntries(new Headers(headers)) },
        // A connection of its own: one that is kept may be somebody's who checked nothing.
        agent: false,
        lookup: pinned(addresses),
        timeout: SILENCE_MS,
        ...(signal ? { signal } : {}),
      })
      asked.on('timeout', () => asked.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)))
      // What breaks after the answer has begun, its reader hears of.
      asked.on('error', () => undefined)
      const answered = once(asked, 'response')
      asked.end(sent)
      return responseOf((await answered)[0], method)
    } catch (cause) {
      signal?.throwIfAborted()
      throw new TypeError('fetch failed', { cause })
    }
  }
}

type Found = (error: null, address: string | LookupAddress[], family?: number) => void

function pinned([first, ...more]: LookupAddress[]) {
  return (_host: string, { all }: LookupOptions, found: Found): void => {
    const { address, family } = first as LookupAddress
    if (all === true) found(null, [{ address, family }, ...more])
    else found(null, address, family)
  }
}

function responseOf(answer: IncomingMessage, method: string): Response {
  const headers = new Headers()
  for (const [name, values] of Object.entries(answer.headersDistinct))
    for (const value of values ?? []) headers.append(name, value)
  const status = answer.statusCode ?? 0
  const empty = method === 'HEAD' || EMPTY.includes(status)
  if (empty) answer.resume()
  return new Response(empty ? null : (Readable.toWeb(answer) as ReadableStream), { status, headers })
}
