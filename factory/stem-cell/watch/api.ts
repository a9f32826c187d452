import { setTimeout as delay } from 'node:timers/promises'
import { PipiError } from '../../../catalog/errors.ts'
import type { ApiAnswer, ApiRequest, Authenticate, WireRequest } from '../../../engines/contract/watch.ts'

type Send = (request: ApiRequest) => Promise<ApiAnswer>

export interface ApiOptions {
  /** Where a simulated platform answers for all hosts: `<base>/_/<host>/<path>`. Missing: the platform itself. */
  base?: string
  /** What proves who asks; missing: nothing does. */
  prove?: (send: Send) => ReturnType<Authenticate>
  signal: AbortSignal
  /** Milliseconds before the second try; doubled for each one after it. */
  firstWaitMs?: number
}

const TRIES = 4
const PATIENCE_MS = 20_000
/** A platform that asks for more patience than this is asked again by the next look instead. */
const LONGEST_WAIT_MS = 10_000

/**
 * Calls of a platform's own HTTP API, all of them questions: what was throttled or failed on the platform's side (429,
 * 5xx, a lost connection) is asked again a few times, each time with a new proof. The last answer is given as it is.
 */
export function openApi(options: ApiOptions): Send {
  const prove = options.prove?.((request) => ask(request, options, async () => ({})))
  return (request) => ask(request, options, prove ?? (async () => ({})))
}

async function ask(request: ApiRequest, options: ApiOptions, prove: ReturnType<Authenticate>): Promise<ApiAnswer> {
  const wire = wireOf(request)
  for (let tried = 1; ; tried += 1) {
    const { answer, waitMs, cause } = await send(wire, options, await prove(wire))
    if (answer !== undefined && (answer.status < 500 || tried >= TRIES) && (answer.status !== 429 || tried >= TRIES))
      return answer
    if (tried >= TRIES) {
      const { host } = new URL(wire.url)
      throw new PipiError('provider.failed', `${host} did not answer: ${String(cause)}`, { cause })
    }
    await delay(waitMs ?? (options.firstWaitMs ?? 250) * 2 ** (tried - 1), undefined, { signal: options.signal })
  }
}

async function send(
  wire: WireRequest,
  { base, signal }: ApiOptions,
  proof: Record<string, string>,
): Promise<{ answer?: ApiAnswer; waitMs?: number; cause?: unknown }> {
  try {
    const response = await fetch(addressOf(wire.url, base), {
      method: wire.method,
      headers: { ...wire.headers, ...proof },
      // A proof is for this address only.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      ...(wire.body === undefined ? {} : { body: wire.body }),
    })
    const asked = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000
    return {
      answer: { status: response.status, body: parsed(await response.text()) },
      ...(asked >= 0 ? { waitMs: Math.min(asked, LONGEST_WAIT_MS) } : {}),
    }
  } catch (cause) {
    signal.throwIfAborted()
    return { cause: (cause as { cause?: unknown }).cause ?? cause }
  }
}

function wireOf({ method, url, headers = {}, body }: ApiRequest): WireRequest {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const defaults = { accept: 'application/json' }
  if (body === undefined) return { method, url, headers: { ...defaults, ...given }, body: undefined }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method, url, headers: { ...defaults, 'content-type': 'application/json', ...given }, body: text }
}

function addressOf(url: string, base: string | undefined): string {
  if (base === undefined) return url
  const { host, pathname, search } = new URL(url)
  return `${base.replace(/\/$/, '')}/_/${host}${pathname}${search}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Some platforms answer with words only.
    return text
  }
}
